// Holds what a preset is, and those that every server knows: how each agent takes a first prompt and stays interactive
// (docs/decisions/presets.md has the sources). Decides nothing.
import type { OperationInput } from "@fleetty/protocol/operations";

type Start = OperationInput<"sessions.start">;

/** What a line of its terminal says of the session; `when` is a regular expression in linear-time syntax. */
export type AttentionRule = NonNullable<Start["rules"]>[number];

export interface Preset {
  readonly name: string;
  /** With `{prompt}` or `{prompt_file}` in one element at most, which is left out without a prompt; empty: the user's shell there. */
  readonly argv: readonly string[];
  /** `none`: it takes no prompt. */
  readonly prompt: "argument" | "file" | "paste" | "none";
  readonly env: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** What placement looks for on a server; null: nothing. */
  readonly tool: string | null;
  readonly rules: readonly AttentionRule[];
}

/** Where a prompt goes in an element of `argv`. */
export const PLACE = /\{prompt(?:_file)?\}/;

const plain = { env: {}, tags: [], rules: [] } as const;

export const builtIn: readonly Preset[] = [
  { ...plain, name: "claude", argv: ["claude"], prompt: "argument", tool: "claude" },
  { ...plain, name: "codex", argv: ["codex"], prompt: "argument", tool: "codex" },
  {
    ...plain,
    name: "gemini",
    argv: ["gemini", "--prompt-interactive={prompt}"],
    prompt: "argument",
    tool: "gemini",
  },
  { ...plain, name: "opencode", argv: ["opencode", "--prompt={prompt}"], prompt: "argument", tool: "opencode" },
  { ...plain, name: "shell", argv: [], prompt: "paste", tool: null },
];
