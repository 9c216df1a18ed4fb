// What server and session host hold before and after very many requests that nobody would write: whether memory grows with
// what has been asked. Sessions are ended before it is looked, so what is told is held for none of them.
import { Fuzzing } from "../tests/harness/fuzzing.ts";
import { InspectedServer } from "../tests/harness/inspected-server.ts";
import { settledPssKib } from "./footprint.ts";
import type { Line } from "./table.ts";

const SEED = 1;
/** By then all code has run that will, and most tables with a bound of their own are as full as they get. */
const WARM_UP = 5_000;
const REQUESTS = 20_000;
const RING_BYTES = 64 * 1024;
/**
 * Per 1,000 requests. Tables that have a bound of their own (1,024 tickets, 1,000 browser tokens, 10,000 addresses that
 * failed) may still fill up by this much; keys and the audit are on the disk.
 */
const GROWTH_MAX_KIB = 100;

export async function randomRequests(): Promise<Line[]> {
  await using inspected = await InspectedServer.start({
    tcp: true,
    args: ["--max-sessions", "40"],
    ringBytes: RING_BYTES,
  });
  const fuzzing = await Fuzzing.of(inspected.server, { seed: SEED });
  const look = async (requests: number): Promise<Seen> => {
    await fuzzing.ask(requests);
    await fuzzing.endSessions([]);
    return seen(inspected);
  };
  const before = await look(WARM_UP);
  const after = await look(REQUESTS);
  return (["server", "host"] as const).flatMap((part) => linesOf(part, before, after));
}

/** In KiB. */
interface Seen {
  readonly held: Record<Part, number>;
  readonly pss: Record<Part, number>;
}

type Part = "server" | "host";

async function seen(inspected: InspectedServer): Promise<Seen> {
  const { server: bytes, host: hostBytes } = await inspected.heldBytes();
  const pids = [inspected.server.pid, ...inspected.server.hosts().map(({ pid }) => pid)];
  const [server = Number.NaN, host = Number.NaN] = await settledPssKib(pids);
  return { held: { server: bytes / 1_024, host: hostBytes / 1_024 }, pss: { server, host } };
}

function linesOf(part: Part, before: Seen, after: Seen): Line[] {
  const mib = (of: keyof Seen) => ({
    unit: "MiB",
    fleetty: after[of][part] / 1_024,
    beside: { [`${REQUESTS} requests before`]: before[of][part] / 1_024 },
  });
  return [
    { measure: `held by the ${part} after ${REQUESTS} random requests, garbage not counted`, ...mib("held") },
    { measure: `PSS of the ${part} then`, ...mib("pss") },
    {
      measure: `growth of what the ${part} holds, per 1000 random requests`,
      unit: "KiB",
      fleetty: (after.held[part] - before.held[part]) / (REQUESTS / 1_000),
      beside: {},
      aim: { is: "at most", bound: GROWTH_MAX_KIB },
    },
  ];
}
