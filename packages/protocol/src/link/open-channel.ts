// Opens a session's output stream and its numbered inputs over the asking end of a link: each a channel that is open at both
// ends or at none. Knows no socket and nobody's rights.
import type { OperationOutput } from "../operations/index.ts";
import type { InputRequest, OpenInput, OpenStream, StreamRequest } from "../worker-port.ts";
import type { Call, ChannelEvents, HubEnd } from "./hub-end.ts";

export async function openStream(
  end: HubEnd,
  { session, from, pace, quiet }: StreamRequest,
  events: ChannelEvents,
  call: Call,
): Promise<OpenStream> {
  const { ch, answer } = await openChannel(end, events, (ch) =>
    end.request("sessions.stream", { session, ch, from, pace, quiet }, call),
  );
  const opened = answer as OperationOutput<"sessions.stream">;
  return { ...opened, credit: (upto) => end.credit(ch, upto), close: () => end.closeChannel(ch, "closed") };
}

export async function openInput(
  end: HubEnd,
  { session, client, lease, attach }: InputRequest,
  events: ChannelEvents,
  call: Call,
): Promise<OpenInput> {
  const { ch, answer } = await openChannel(end, events, (ch) =>
    end.request("sessions.input_open", { session, ch, client, lease, attach }, call),
  );
  const { next, captures = false } = answer as OperationOutput<"sessions.input_open">;
  return {
    next,
    captures,
    useLease: (id) => end.sendLease(ch, id),
    send: (number, bytes) => end.sendInput(ch, number, bytes),
    close: () => end.closeChannel(ch, "closed"),
  };
}

/** A channel that the other end refuses, or does not answer for, is closed again. */
async function openChannel(end: HubEnd, events: ChannelEvents, ask: (ch: number) => Promise<unknown>) {
  const ch = end.openChannel(events);
  try {
    return { ch, answer: await ask(ch) };
  } catch (thrown) {
    end.closeChannel(ch, "refused");
    throw thrown;
  }
}
