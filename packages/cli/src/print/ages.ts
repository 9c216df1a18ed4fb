// Says how long ago something was, in the two largest units that matter to people.

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** `3s`, `5m`, `2h10m`, `4d3h`; below a second `0s`. */
export function age(ms: number): string {
  const at = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  if (at < 0) return "0s";
  const [name, unitMs] = UNITS[at] as (typeof UNITS)[number];
  const whole = `${Math.floor(ms / unitMs)}${name}`;
  const next = UNITS[at + 1];
  if (!next || name === "m") return whole;
  const rest = Math.floor((ms % unitMs) / next[1]);
  return rest === 0 ? whole : `${whole}${rest}${next[0]}`;
}
