// How long a keystroke takes from a WebSocket viewer to the program and back as its echo, beside a bare relay of a terminal over
// a WebSocket, a terminal in the very process that types, and tmux in control mode.
import { join } from "node:path";
import { startServer } from "../tests/harness/server.ts";
import { ownTerminal, relayedTerminal, tmuxTerminal, typeKeys, viewedSession } from "./echo-terminal.ts";
import { alternate } from "./measure.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const ROUNDS = 7;
const KEYS_A_ROUND = 1_000;

export async function keystroke(): Promise<Line[]> {
  await using server = await startServer();
  using tmuxServer = new Tmux(server.home);
  const relaySocket = join(server.home.root, "relay.sock");
  await using _relay = await Program.start("peers/relay.ts", relaySocket);
  using session = await viewedSession(server);
  using relayed = await relayedTerminal(relaySocket);
  using own = await ownTerminal();
  using controlled = await tmuxTerminal(tmuxServer);
  const types = (terminal: typeof session) => async () => ({ ...(await typeKeys(terminal, KEYS_A_ROUND)) });
  const contenders = { fleetty: types(session), relay: types(relayed), own: types(own), tmux: types(controlled) };
  await alternate(1, contenders);
  const { fleetty, relay, own: inProcess, tmux } = await alternate(ROUNDS, contenders);
  const figures = (of: "p50" | "p99") => ({
    unit: "ms",
    fleetty: fleetty[of],
    beside: { "bare relay": relay[of], "node-pty in process": inProcess[of], "tmux control mode": tmux[of] },
  });
  const measure = "keystroke to its echo at a WebSocket viewer";
  return [
    { measure: `${measure}, p50`, ...figures("p50"), aim: { is: "at most", bound: 2, times: "bare relay" } },
    { measure: `${measure}, p99`, ...figures("p99"), aim: { is: "at most", bound: 3 } },
  ];
}
