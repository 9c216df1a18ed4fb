// One line of the table: our figure, those of the peers in the same run, and what was aimed at. Decides whether an aim is
// met, and how figures read. Knows no measurement.

export interface Aim {
  readonly is: "at most" | "at least";
  readonly bound: number;
  /** The peer whose figure the bound is a multiple of; absent: the bound is in the line's unit. */
  readonly times?: string;
}

export interface Line {
  readonly measure: string;
  readonly unit: string;
  readonly fleetty: number;
  /** By the name of the peer; empty when there is none. */
  readonly beside: Readonly<Record<string, number>>;
  /** Absent: told for comparison only. */
  readonly aim?: Aim;
}

/** Our figure over that of the peer aimed at, else of the first; null without one, or when that is zero. */
export function ratio({ fleetty, beside, aim }: Line): number | null {
  const peer = aim?.times === undefined ? Object.values(beside)[0] : beside[aim.times];
  return peer === undefined || peer === 0 ? null : fleetty / peer;
}

/** Null when nothing was aimed at. */
export function isMet(line: Line): boolean | null {
  const { aim } = line;
  if (!aim) return null;
  const value = aim.times === undefined ? line.fleetty : (ratio(line) ?? Number.NaN);
  return aim.is === "at most" ? value <= aim.bound : value >= aim.bound;
}

export function markdown(lines: readonly Line[]): string {
  const head = ["| measure | fleetty | beside | ratio | aim | met |", "|---|---|---|---|---|---|"];
  return [...head, ...lines.map((line) => `| ${cells(line).join(" | ")} |`)].join("\n");
}

function cells(line: Line): string[] {
  const { measure, unit, fleetty, beside, aim } = line;
  const peers = Object.entries(beside).map(([name, value]) => `${name} ${figure(value)}`);
  const share = ratio(line);
  return [
    `${measure} (${unit})`,
    figure(fleetty),
    peers.join(", ") || "–",
    share === null ? "–" : `${figure(share)} ×`,
    aim ? `${aim.is} ${Number(aim.bound.toPrecision(3))} ${aim.times === undefined ? unit : `× ${aim.times}`}` : "–",
    { true: "yes", false: "**no**", null: "–" }[`${isMet(line)}`],
  ];
}

/** Three significant digits, and whole numbers whole. */
function figure(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
