// Holds what the tests of this folder share: a session with a program in it, whose screen is fed as its host does it.
// Knows nothing of single tests.
import { testEnv } from "../pty/pty-harness.ts";
import { Turns } from "../session-host/turns.ts";
import { Session } from "./session.ts";
import type { SessionNews } from "./session-news.ts";
import type { SpawnSpec } from "./spec.ts";

let made = 0;

export function specOf(argv: readonly string[], more: Partial<SpawnSpec> = {}): SpawnSpec {
  made += 1;
  return {
    id: `ses_${String(made).padStart(26, "0")}`,
    name: `test-${made}`,
    server: "here",
    command: argv.join(" "),
    argv: [...argv],
    cwd: "/",
    env: testEnv,
    rows: 24,
    cols: 80,
    tags: [],
    created_at: new Date().toISOString(),
    ...more,
  };
}

export interface RunningOptions {
  readonly spec?: Partial<SpawnSpec>;
  readonly ringBytes?: number;
  readonly promptFile?: string;
  /** False: nobody feeds the screen but who reads it. */
  readonly isFed?: boolean;
}

/** A session, and what it told its host. Disposing of it ends its program. */
export interface Running extends AsyncDisposable {
  readonly session: Session;
  /** In order: "changed", "ended". */
  readonly told: readonly string[];
  /** What it told the outside. */
  readonly news: readonly SessionNews[];
}

export async function startSession(argv: readonly string[], options: RunningOptions = {}): Promise<Running> {
  const { ringBytes = 1024 * 1024, isFed = true, promptFile = "" } = options;
  const turns = new Turns();
  const told: string[] = [];
  const news: SessionNews[] = [];
  const lookOnly = { turn: () => session.waits.lookOn(performance.now()) };
  const session: Session = await Session.start(
    specOf(argv, options.spec),
    { ringBytes, promptFile },
    {
      changed: () => told.push("changed"),
      output: (one) => isFed && turns.add(one),
      due: (one) => turns.add(isFed ? one : lookOnly),
      happened: (_, one) => news.push(one),
      ended: () => told.push("ended"),
    },
  );
  return {
    session,
    told,
    news,
    async [Symbol.asyncDispose]() {
      await session.kill({ graceMs: 0, reason: "killed" });
      session.dispose();
    },
  };
}
