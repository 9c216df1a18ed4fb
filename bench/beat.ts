// A program for a session that many watch: waits for Enter, then prints a line ten times a second, then bursts with pauses
// between, then ends. Each line and each burst ends with the time at which it was written, on the clock that all processes
// of a machine share.

/** What one session prints, and when. */
export const STEADY = { lines: 15, everyMs: 100 } as const;
export const BURSTS = { count: 2, bytes: 64 * 1024, everyMs: 1_000 } as const;

const DIGITS = 16;
/** `@` and microseconds, then what a terminal makes of a newline. */
const STAMP_BYTES = 1 + DIGITS + 2;

/** On the monotonic clock of the machine. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** How long ago the stamp was written that `output` ends with, in ms; null when it ends with none. */
export function ageMs(output: Uint8Array): number | null {
  const end = Buffer.from(output.buffer, output.byteOffset, output.byteLength).toString(
    "latin1",
    output.byteLength - STAMP_BYTES,
  );
  const stamp = /^@(\d+)\r\n$/.exec(end);
  return stamp ? (nowUs() - Number(stamp[1])) / 1_000 : null;
}

function print(text: string): void {
  process.stdout.write(`${text}@${String(nowUs()).padStart(DIGITS, "0")}\n`);
}

async function run(): Promise<void> {
  const { setTimeout: pause } = await import("node:timers/promises");
  process.stdin.setRawMode(true);
  process.stdout.write("ready");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  for (let i = 0; i < STEADY.lines; i += 1) {
    print("");
    await pause(STEADY.everyMs);
  }
  const burst = `${"x".repeat(79)}\n`.repeat(BURSTS.bytes / 80);
  for (let i = 0; i < BURSTS.count; i += 1) {
    print(burst);
    await pause(BURSTS.everyMs);
  }
  process.exit();
}

if (import.meta.main) await run();
