// How long a keystroke takes from a WebSocket viewer to the program and back as its echo, beside a bare relay of a terminal over
// a WebSocket, a terminal in the very process that types, and tmux in control mode.
import { join } from "node:path";
import { startServer } from "../tests/harness/server.ts";
import {
  type EchoTerminal,
  ownTerminal,
  relayedTerminal,
  tmuxTerminal,
  typeKeys,
  viewedSession,
} from "./echo-terminal.ts";
import { alternate } from "./measure.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const ROUNDS = 7;
/** Keys of a round that are typed with pauses, and of one without: each takes about a second. */
const PACES = [
  { says: "typed 4 ms apart", keys: 250, pauseMs: 4 },
  { says: "typed without a pause", keys: 1_000, pauseMs: 0 },
] as const;

type Pace = (typeof PACES)[number];

export async function keystroke(): Promise<Line[]> {
  await using server = await startServer();
  await using tmuxServer = new Tmux(server.home);
  const relaySocket = join(server.home.root, "relay.sock");
  await using _relay = await Program.start("peers/relay.ts", relaySocket);
  using session = await viewedSession(server);
  using relayed = await relayedTerminal(relaySocket);
  using own = await ownTerminal();
  using controlled = await tmuxTerminal(tmuxServer);
  const terminals = { fleetty: session, relay: relayed, own, tmux: controlled };
  const lines: Line[] = [];
  for (const pace of PACES) lines.push(...(await measure(terminals, pace)));
  return lines;
}

async function measure(terminals: Readonly<Record<"fleetty" | "relay" | "own" | "tmux", EchoTerminal>>, pace: Pace) {
  const types = (terminal: EchoTerminal) => () => typeKeys(terminal, pace.keys, pace.pauseMs);
  const contenders = {
    fleetty: types(terminals.fleetty),
    relay: types(terminals.relay),
    own: types(terminals.own),
    tmux: types(terminals.tmux),
  };
  await alternate(1, contenders);
  const { fleetty, relay, own, tmux } = await alternate(ROUNDS, contenders);
  const figures = (of: "p50" | "p99") => ({
    measure: `keystroke to its echo at a WebSocket viewer, ${pace.says}, ${of}`,
    unit: "ms",
    fleetty: fleetty[of],
    beside: { "bare relay": relay[of], "node-pty in process": own[of], "tmux control mode": tmux[of] },
  });
  return [
    { ...figures("p50"), aim: { is: "at most", bound: 2, times: "bare relay" } },
    { ...figures("p99"), aim: { is: "at most", bound: 3 } },
  ] as const satisfies Line[];
}
