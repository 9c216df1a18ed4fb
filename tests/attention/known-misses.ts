// Holds what cannot be known, and is therefore said wrong: the table of docs/attention.md "What it cannot know" is this one.
import type { AttentionWord } from "@fleetty/worker/attention/verdict";

export interface KnownMiss {
  readonly situation: string;
  /** What is said instead of the truth. */
  readonly said: AttentionWord;
  readonly because: string;
}

export const knownMisses: readonly KnownMiss[] = [];
