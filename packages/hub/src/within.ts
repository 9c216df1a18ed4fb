// Waits for something, but no longer than it may take. What is late goes on, and nobody hears of it here.

/** What came of it, or null when it is not over within `ms`. Rejects as it does. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
