// Turns samples into the few figures that a row tells, and lets contenders run in turn, so that noise hits all of them.

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** The value below which `share` (0…1) of the samples lie. Throws when there is none. */
export function percentile(samples: readonly number[], share: number): number {
  const ordered = samples.toSorted((a, b) => a - b);
  const value = ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))];
  if (value === undefined) throw new Error("no sample was taken");
  return value;
}

/** Of samples in ms. */
export function latency(samplesMs: readonly number[]): Latency {
  return { p50: percentile(samplesMs, 0.5), p99: percentile(samplesMs, 0.99) };
}

/** Runs `act` and tells how long it took, in ms. */
export async function timed(act: () => unknown): Promise<number> {
  const startedAtMs = performance.now();
  await act();
  return performance.now() - startedAtMs;
}

/** Rejects when `promise` has not settled in time: a run that hangs ends, and cleans up. */
export async function within<T>(limitMs: number, why: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms in vain until ${why}`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

type Figures = Readonly<Record<string, number>>;
/** Each resolves with figures by name: all members are numbers. */
type Contenders = Readonly<Record<string, () => Promise<object>>>;
type Results<C extends Contenders> = { readonly [Name in keyof C]: Awaited<ReturnType<C[Name]>> };

/** Lets every contender run once a round, each round beginning with another; the median over rounds of each figure. */
export async function alternate<C extends Contenders>(rounds: number, contenders: C): Promise<Results<C>> {
  const names = Object.keys(contenders);
  const runs = new Map<string, Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      runs.get(name)?.push((await contenders[name]?.()) as Figures);
    }
  }
  return Object.fromEntries([...runs].map(([name, figures]) => [name, medians(figures)])) as Results<C>;
}

function medians(runs: readonly Figures[]): Figures {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      percentile(
        runs.map((run) => run[name] ?? Number.NaN),
        0.5,
      ),
    ]),
  );
}
