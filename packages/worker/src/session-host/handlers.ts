// The operations that a session host answers, each in the words of its session. One entry per row of the table.
import { FleettyError } from "@fleetty/protocol/errors";
import { PreparedJson, type ServeContext } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import { readOutput } from "../output/output-range.ts";
import { signalProcesses } from "../pty/signal-processes.ts";
import { runCommand } from "../run/run-command.ts";
import { explain } from "../session/explanation.ts";
import { readScreen } from "../session/screen-answer.ts";
import { keptLines, ScrollbackReading } from "../session/scrollback-answer.ts";
import { SessionStream } from "../session/stream.ts";
import { elementHandlers } from "./element-handlers.ts";
import type { Handlers } from "./handler-table.ts";
import type { Host } from "./host.ts";

export const handlers = {
  "sessions.spawn": (host, spec, { caller }) => host.spawn(spec, caller),
  "sessions.list": (host) => host.list(),
  "sessions.get": (host, { session }) => host.session(session).info(),
  "sessions.label": (host, { session, ...change }) => {
    const one = host.session(session);
    const changed = one.relabel(change);
    return { session: one.info(), ...changed };
  },
  "sessions.input": (host, { session, data, ...terms }, context) =>
    host.session(session).typing.input(Buffer.from(data, "base64"), { ...terms, principal: typistOf(context) }),
  "sessions.keys": (host, { session, keys, repeat, ...terms }, context) =>
    host.session(session).typing.keys({ keys, repeat }, { ...terms, principal: typistOf(context) }),
  "sessions.paste": (host, { session, text, bracketed, enter, ...terms }, context) =>
    host.session(session).typing.paste({ text, bracketed, enter }, { ...terms, principal: typistOf(context) }),
  "sessions.resize": (host, { session, lease, ...size }) => {
    const one = host.session(session);
    one.lease.check(lease);
    return one.resize(size);
  },
  "sessions.type_secret": (host, { session, name, value, prompt, enter, wait_ms, ...terms }, context) => {
    const by = { ...terms, principal: typistOf(context) };
    const { typing } = host.session(session);
    return typing.secret({ name, value, prompt, enter, wait_ms }, by, context.caller.signal);
  },
  "sessions.signal": (host, { session, signal, to = "foreground" }) => {
    const name = (signal.startsWith("SIG") ? signal : `SIG${signal}`) as NodeJS.Signals;
    return { signal: name, pids: signalProcesses(host.session(session).running(), name, to) };
  },
  "sessions.lease": (host, { session, ...wish }, { actor, caller }) =>
    host.session(session).lease.ask(wish, { ...actor, isAdmin: actor.admin === true }, caller.signal),
  "sessions.lease_release": (host, { session, lease }) => host.session(session).lease.release(lease),
  "sessions.screen": (host, input) => PreparedJson.of(readScreen(host.session(input.session), input)),
  "sessions.scrollback": (host, input, { caller }) =>
    host.write(() => new ScrollbackReading(keptLines(host.session(input.session), input.format), input), caller),
  "sessions.snapshot": (host, { session }) => host.session(session).snapshot(),
  "sessions.output": (host, { command, ...input }) => {
    const { ring, runs } = host.session(input.session);
    return readOutput(ring, command === undefined ? input : { ...input, ...runs.range(command) });
  },
  "sessions.idle": (host, input, { caller }) => host.session(input.session).waits.idle(input, caller.signal),
  "sessions.wait": (host, input, { caller }) => host.session(input.session).waits.wait(input, caller.signal),
  "sessions.run": (host, input, context) =>
    runCommand(host.session(input.session), input, { principal: typistOf(context), signal: context.caller.signal }),
  "sessions.explain": (host, { session }) => explain(host.session(session)),
  "sessions.notices": (host, input, { caller }) => host.session(input.session).notices.ask(input, caller.signal),
  "sessions.stream": openStream,
  "sessions.input_open": openInput,
  "sessions.end": async (host, { session, grace_ms }) => {
    const { exit } = await host.session(session).kill({ graceMs: grace_ms ?? 0, reason: "killed" });
    return { exit };
  },
  ...elementHandlers,
  "host.retire": (host) => host.retire(),
  "host.end": (host) => host.endAll(),
} satisfies Handlers;

/** Whose the ids of inputs are: the principal's of the server that was asked. Two servers may each know somebody by that name. */
function typistOf({ actor, via }: ServeContext): string {
  return `${via[0] ?? ""}/${actor.principal}`;
}

function openStream(host: Host, input: OperationInput<"sessions.stream">, { link }: ServeContext) {
  const session = host.session(input.session);
  const from = input.from === "now" ? session.ring.end : input.from;
  if (from > session.ring.end) {
    throw new FleettyError(
      "invalid_request",
      `offset ${from} has not been printed yet; the output ends at ${session.ring.end}`,
    );
  }
  const { ch, pace = false, quiet = false } = input;
  const stream = new SessionStream({ session, link, ch, from, pace, window: quiet ? null : host.window });
  // After the answer, so that whoever opened it knows the size before the first byte.
  setImmediate(() => session.streams.add(stream));
  const { rows, cols } = session.size.program;
  return { offset: from, rows, cols };
}

function openInput(host: Host, input: OperationInput<"sessions.input_open">, { link }: ServeContext) {
  const session = host.session(input.session);
  const { ch, client, attach = false } = input;
  let { lease } = input;
  link.openChannel(ch, {
    input: (number, bytes) => void type(number, bytes),
    lease: (id) => {
      lease = id;
    },
    closed: () => {},
  });
  async function type(number: number, bytes: Uint8Array): Promise<void> {
    try {
      const typedAt = await session.numbered.type({ client, lease, attach }, number, bytes);
      if (typedAt === "hole") return link.closeChannel(ch, "input_gap");
      link.send({ type: "in_ack", ch, upto: number, ...typedAt });
    } catch (thrown) {
      const error =
        thrown instanceof FleettyError ? thrown.toWire() : { code: "internal_error", message: "input failed" };
      link.send({ type: "error", ch, input: number, error });
    }
  }
  return { next: session.numbered.next(client), captures: true };
}
