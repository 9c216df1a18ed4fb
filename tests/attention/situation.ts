// A situation of the corpus: a real program in a real session, what is done to it, and what is true of it at given moments.
//
// To add one: put it into the list of situations/ where it belongs, from the builders below, under a name that tells what is
// on the screen. The truth is what a person who sees program and screen would say in the words of docs/attention.md, never what
// the product happens to say. Then look at it with your own eyes:
//
//   node tests/attention/look.ts NAME      plays it, and shows screen, terminal and processes at each of its moments
//   node --test tests/attention/           plays all, and prints a table of truth and verdict
//
// A moment begins when the step before it has been seen: on the screen, in /proc, or in a file. So a program that is to wait in
// the middle of something waits for a file or a fifo that a step makes, and never for a while. A program of its own goes to
// programs/, under a name that tells what it does. What the product cannot know stands in known-misses.ts with the reason; a
// false ready, done or needs_secret may stand there only where it is said as a guess.
import { resolve } from "node:path";
import type { AttentionWord } from "@fleetty/worker/attention/verdict";

export interface Situation {
  readonly name: string;
  readonly argv: readonly string[];
  /** Of the server's configuration, started instead. */
  readonly preset?: string;
  /** Without it shells that are known show marks. */
  readonly integration?: "off";
  readonly env?: Readonly<Record<string, string>>;
  /** Played on a server that is not root's. */
  readonly server?: "ordinary";
  /** Programs without which it is skipped; the first of argv is always one. */
  readonly needs?: readonly string[];
  /** Script of bash, run before in the folder that is the session's home and working directory. */
  readonly prepare?: string;
  /** The same, run after: ends what outlives its session. */
  readonly tidy?: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: "type"; readonly text: string }
  | { readonly kind: "shows"; readonly regex: string }
  | { readonly kind: "runs"; readonly program: string }
  | { readonly kind: "outside"; readonly script: string }
  | { readonly kind: "saves"; readonly file: string }
  | Moment;

export interface Moment {
  readonly kind: "moment";
  /** Each of these is right. */
  readonly truth: readonly AttentionWord[];
  /** It must stay so for so long once it has been said. */
  readonly holdMs: number;
  /** Said before this moment, and allowed until something else is said: the program went on by itself, at no one's input. */
  readonly before?: AttentionWord;
  /** A secret that is asked for in raw mode, where no echo tells it. */
  readonly isRaw?: true;
}

/** Types it as it is. */
export function type(text: string): Step {
  return { kind: "type", text };
}

/** Waits until a row of the screen matches. */
export function shows(regex: string): Step {
  return { kind: "shows", regex };
}

/** Waits until a process of that name (comm of proc(5)) is in the terminal's foreground group. */
export function runs(program: string): Step {
  return { kind: "runs", program };
}

/** Runs a script of bash in the session's folder, outside its terminal. */
export function outside(script: string): Step {
  return { kind: "outside", script };
}

/** Writes all that the session has printed, byte by byte, to a file in its folder. */
export function saves(file: string): Step {
  return { kind: "saves", file };
}

/** The session is so from here on, as soon as the product can know. */
export function is(...truth: readonly AttentionWord[]): Moment {
  return { kind: "moment", truth, holdMs: 0 };
}

/** Long enough for a verdict that is wrong now and then to be seen. */
const HOLD_MS = 1_500;

/** The session is so, and stays so though nothing new happens. */
export function stays(...truth: readonly AttentionWord[]): Moment {
  return { kind: "moment", truth, holdMs: HOLD_MS };
}

/** A secret is asked for by a program that reads single keys and hides them itself. */
export function isSecretInRawMode(): Moment {
  return { kind: "moment", truth: ["needs_secret"], holdMs: 0, isRaw: true };
}

/** It was `before` until the program went on by itself. */
export function turnsFrom(before: AttentionWord, moment: Moment): Moment {
  return { ...moment, before };
}

/** Path of a program of this corpus. */
export function program(name: string): string {
  return resolve(import.meta.dirname, "programs", name);
}

/** Argv of a script of sh that is no interactive shell. */
export function script(text: string): readonly string[] {
  return ["/bin/sh", "-c", text];
}

/** The prompt of every shell here. */
export const PROMPT = "ok> ?$";
