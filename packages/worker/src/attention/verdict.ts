// Holds what is said of a session's wish, and what it is said from. Decides nothing but which words ask for an answer: marks,
// kernel and programs each make statements in these words, and whoever decides between them hands one on.

export type AttentionWord = "working" | "needs_input" | "needs_secret" | "ready" | "done" | "unknown";
export type Asking = "needs_input" | "needs_secret";
export type Certainty = "exact" | "strong" | "heuristic";
/** Where a statement comes from. `hook`: a program's own report; `process`: its exit; `link`: its server cannot be asked. */
export type EvidenceSource = "mark" | "kernel" | "process" | "hook" | "pattern" | "quiet" | "link";

export interface Verdict {
  readonly attention: AttentionWord;
  readonly confidence: Certainty;
  readonly source: EvidenceSource;
  /** The rule that decided, as docs/attention.md names it: E1 to E3, K1 to K8, P0, P1, Q1. */
  readonly rule: string;
  /** For people: one short clause, such as "echo is off in line mode, cat reads the terminal". */
  readonly says: string;
  /** With a report: what the program says beside its word; never empty. */
  readonly text?: string;
  /** With needs_input: whether a line or single keys are waited for. */
  readonly how?: "line" | "keys" | "event_loop" | "relay";
}

/** Whether somebody is to answer. */
export function isAsking(word: string): word is Asking {
  return word === "needs_input" || word === "needs_secret";
}
