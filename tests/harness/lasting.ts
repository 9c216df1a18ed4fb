// Holds what of a session stays as it is while nobody does anything to it: not how long it has been quiet, nor what is found out
// of what it wants, which takes its time after a start.

const PASSING = ["last_activity_ms", "attention", "attention_since", "attention_confidence"];

export function lasting(info: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(info).filter(([name]) => !PASSING.includes(name)));
}
