// Waits for a condition with a deadline, and says what it waited for and what it last saw when it did not come.

export interface WaitUntilOptions {
  /** Generous: machines are slow. Nothing is asserted about time. */
  readonly deadlineMs?: number;
  /** What was seen last, for the diagnosis. */
  readonly seen?: () => unknown;
}

const DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Resolves with the first truthy value of `condition`. */
export async function waitUntil<T>(
  why: string,
  condition: () => T | Promise<T>,
  options: WaitUntilOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const untilMs = performance.now() + (options.deadlineMs ?? DEADLINE_MS);
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (performance.now() > untilMs) {
      throw new Error(`waited in vain until ${why}; last seen: ${JSON.stringify(await options.seen?.())}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
