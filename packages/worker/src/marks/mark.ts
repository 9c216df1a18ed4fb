// Holds what shell integration and programs say of themselves through their terminal: marks of a shell (OSC 133) and reports
// of a program (OSC 7337). Types alone.
//
//   prompt ──B──► at_prompt ──C──► command ──D──► ended ──A, B──► at_prompt        (P: the shell wants the rest of a command)

/** One mark that carries the session's own nonce and a number above all before it. */
export interface Mark {
  /**
   * `prompt` (A): a prompt begins. `input` (B): it is whole, what is typed comes next. `command` (C): a command begins, its
   * output comes next. `end` (D): it has ended. `continuation`: the shell asks for the rest of an unfinished command.
   */
  readonly kind: "prompt" | "input" | "command" | "end" | "continuation";
  /** Offsets of its first byte and of the byte after its last. */
  readonly from: number;
  readonly to: number;
  /** With `end`: what the shell says that the command gave; null where it does not. */
  readonly exitCode?: number | null;
  /** With `command`, where the shell says it: what was typed. */
  readonly text?: string;
  /** With `prompt`: the folder, from the OSC 7 right before it. */
  readonly cwd?: string;
}

/** What a program says of itself (fleetty report). */
export interface Report {
  readonly state: "needs_input" | "done" | "working";
  readonly text: string;
  readonly from: number;
  readonly to: number;
}
