// Decides whether a server is ready for work: every part that it needs says so, and it is not on its way out.
import { FleettyError } from "@fleetty/protocol/errors";
import { within } from "./within.ts";

/** A part that work needs: resolves with whether it is well. One that rejects is not. */
export type Check = () => Promise<boolean>;

export type Checks = Readonly<Record<"store" | "session_host", Check>>;

/** A part that has not answered by then is not well: probes have deadlines of their own, of a few seconds. */
const ANSWER_WITHIN_MS = 2_000;

export class Readiness {
  readonly #checks: Checks;
  #isStopping = false;

  constructor(checks: Checks) {
    this.#checks = checks;
  }

  /** The server is about to go: it is not ready from now on, though it still answers. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Throws `not_ready` with what each part says. */
  async assert(): Promise<{ status: "ready" }> {
    const asked = Object.entries(this.#checks).map(async ([name, check]) => [name, await isWell(check)] as const);
    const checks = Object.fromEntries(await Promise.all(asked));
    const ill = Object.keys(checks).filter((name) => !checks[name]);
    if (this.#isStopping) throw notReady("the server is stopping; ask the one that comes after it", checks);
    if (ill.length > 0) throw notReady(`${ill.join(" and ")} cannot be used now; the log says why`, checks);
    return { status: "ready" };
  }
}

async function isWell(check: Check): Promise<boolean> {
  try {
    return (await within(ANSWER_WITHIN_MS, check())) ?? false;
  } catch {
    return false;
  }
}

function notReady(message: string, checks: Readonly<Record<string, boolean>>): FleettyError {
  return new FleettyError("not_ready", message, { checks });
}
