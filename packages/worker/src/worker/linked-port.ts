// Puts a link between a worker and whoever asks it, for tests: both ends in this process, through the codec, so that nothing
// passes that could not cross a wire.
import { readEvent } from "@fleetty/protocol/events";
import { HubEnd, LinkWorker, PortServing, WorkerEnd } from "@fleetty/protocol/link";
import type { WorkerPort } from "@fleetty/protocol/worker-port";

export function linkedPort(port: WorkerPort): WorkerPort {
  const serving = new PortServing({
    port,
    admit: () => {},
    ask: (name, input, { actor, via, deadlineMs, caller }) =>
      port.call(name, input as never, { actor, via, deadlineMs, signal: caller.signal }),
  });
  const worker: WorkerEnd = new WorkerEnd({
    carrier: carrierTo(() => hub),
    linkGeneration: 1,
    serve: (op, p, context) => serving.serve(op, p, context),
    onAck: () => {},
    onDefect: () => {},
  });
  const hub: HubEnd = new HubEnd({
    carrier: carrierTo(() => worker),
    linkGeneration: 1,
    peerName: "a worker",
    onInventory: () => {},
    onEvent: ({ event, seq, p }) => void readEvent(event, p).then((told) => told && linked.tell(told, seq)),
    onChanged: (session) => linked.changed(session),
  });
  // Sessions are asked for by id or by name; what is asked for by id is kept.
  const linked = new LinkWorker({ end: () => hub, liveId: (session) => (session.startsWith("ses_") ? session : null) });
  void serving.tell(worker, async () => []);
  return linked;
}

function carrierTo(end: () => { receive(data: string | Uint8Array): void }) {
  return {
    send: (data: string | Uint8Array) => {
      const sent = typeof data === "string" ? data : data.slice();
      queueMicrotask(() => end().receive(sent));
    },
    bufferedBytes: () => 0,
    close: () => {},
  };
}
