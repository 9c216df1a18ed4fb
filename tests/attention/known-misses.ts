// Holds what cannot be known, and is therefore said wrong: the table of docs/attention.md "What it cannot know" is this one.
import type { AttentionWord } from "@fleetty/worker/attention/verdict";

export interface KnownMiss {
  /** Name of the situation. */
  readonly situation: string;
  /** The truth, for readers: each situation says it itself. */
  readonly truth: AttentionWord;
  /** What is said instead. */
  readonly said: AttentionWord;
  /** A sentence for users. */
  readonly because: string;
}

export const knownMisses: readonly KnownMiss[] = [
  {
    situation: "dash with echo left off",
    truth: "ready",
    said: "unknown",
    because:
      "A shell without line editor and marks that reads with echo off looks the same at its prompt and while it asks for a password.",
  },
  {
    situation: "a question of node's readline",
    truth: "working",
    said: "needs_input",
    because: "Node leaves a terminal that it has stopped reading among what it waits for, until something is typed.",
  },
  {
    situation: "a password dialog of whiptail",
    truth: "needs_secret",
    said: "needs_input",
    because: "A dialog hides what is typed itself, and its cursor is in a field, not on the line that asks.",
  },
  {
    situation: "a program that reads keys and prints stars for a password",
    truth: "needs_secret",
    said: "needs_input",
    because:
      "In raw mode what is shown for each key looks like an echo, and then nothing tells a password from a name.",
  },
];

/** The table of the document, row by row. */
export function knownMissRows(): string[] {
  return knownMisses.map(
    ({ situation, truth, said, because }) => `| ${situation} | \`${truth}\` | \`${said}\` | ${because} |`,
  );
}
