// Decides what a session starts with that names a preset, brings a prompt, or both: program and arguments, and where in them
// the prompt goes. Pure; the text itself is put in its place where the program is started.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput } from "@fleetty/protocol/operations";
import { PLACE, type Preset } from "./preset.ts";

type Start = Omit<OperationInput<"sessions.start">, "id">;
type Prompt = NonNullable<Start["prompt"]>;

/** What a caller said, less what says where the session goes. */
export type StartAsked = Omit<Start, "prompt" | "rules"> & { readonly prompt?: string | undefined };

/** What is given wins over the preset's, variables one by one; `argv` is appended. Throws `invalid_request`. */
export function startOf(preset: Preset | null, { prompt, ...asked }: StartAsked): Start {
  if (!preset) return { ...asked, ...(prompt !== undefined && { prompt: { text: prompt, by: "paste" } }) };
  requireFitting(preset, asked.argv, prompt);
  const { words, placed } = placedPrompt(preset, asked.argv ?? [], prompt);
  return {
    ...asked,
    argv: words.length === 0 ? undefined : words,
    env: { ...preset.env, ...asked.env },
    tags: asked.tags ?? [...preset.tags],
    rules: preset.rules.length === 0 ? undefined : [...preset.rules],
    prompt: placed,
  };
}

function requireFitting({ name, ...preset }: Preset, argv: Start["argv"], prompt: string | undefined): void {
  if (prompt !== undefined && preset.prompt === "none") {
    const message = `preset ${name} takes no prompt; leave it out, or type into the session`;
    throw new FleettyError("invalid_request", message, { field: "prompt" });
  }
  if (argv !== undefined && preset.argv.length === 0) {
    const message = `preset ${name} takes no arguments; give argv or command without a preset`;
    throw new FleettyError("invalid_request", message, { field: "argv" });
  }
}

/** The words of the program with the prompt's place among them, and which of them that is. */
function placedPrompt(preset: Preset, further: readonly string[], text: string | undefined) {
  const own = preset.argv.findIndex((word) => PLACE.test(word));
  const words = [...preset.argv, ...further];
  if (text === undefined) return { words: words.filter((_, at) => at !== own), placed: undefined };
  if (preset.prompt === "none" || preset.prompt === "paste") return { words, placed: { text, by: "paste" } as Prompt };
  const by = preset.prompt;
  if (own >= 0) return { words, placed: { text, by, at: own } };
  // It is no option, whatever it begins with (POSIX, Utility Syntax Guidelines, 10).
  if (by === "argument" && text.startsWith("-")) words.push("--");
  words.push(by === "argument" ? "{prompt}" : "{prompt_file}");
  return { words, placed: { text, by, at: words.length - 1 } };
}
