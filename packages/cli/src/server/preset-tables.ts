// Reads what config.toml says of presets, [presets.NAME] each: which program, how a prompt reaches it, and what lines of its
// terminal mean. One schema, from which docs/operating.md prints; a refusal names file, line and key. Starts nothing.
import { type AttentionRule, PLACE, type Preset } from "@fleetty/hub/presets/preset";
import { checkTags } from "@fleetty/protocol/names";
import { presetName, programName } from "@fleetty/protocol/schemas/presets";
import { compilePatterns } from "@fleetty/worker/waits/pattern";
import * as z from "zod";
import type { ConfigFile } from "./config-file.ts";
import { describeKeys, type NamedTable, namedTables } from "./named-table.ts";

const text = () => z.string("is to be a text").regex(/^[^\0]+$/, "is empty, or holds NUL");
const texts = () => z.array(text(), "is to be a list of texts");
const patterns = (says: string) =>
  texts().max(16, "has more than 16 patterns").default([]).describe(`${says}; regular expressions (RE2), 16 at most`);

const preset = z.strictObject({
  argv: texts()
    .min(1, "names no program")
    .describe(
      "program and arguments; where `{prompt}` or `{prompt_file}` stands in one of them the prompt goes, else last; without a prompt that one is left out",
    ),
  prompt: z
    .enum(["argument", "file", "paste", "none"], "is none of argument, file, paste, none")
    .default("paste")
    .describe(
      "how a prompt reaches the program: `argument`, which every process list shows; `file`, its path, closed to others and gone with the program; `paste` (default), with Enter, once it waits for input; or `none`",
    ),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "has a name that no variable can have"), z.string())
    .default({})
    .describe('`{ NAME = "value" }`, which a caller\'s own variables overrule'),
  tags: texts().default([]).describe("of its sessions, unless the caller gives others"),
  tool: programName
    .optional()
    .describe("program that a server must have on its PATH where placement (`--on`, `--tool`) chooses one"),
  needs_input: patterns("it asks something where its last line matches one"),
  ready: patterns("it waits for the next task there; with these a prompt is pasted at such a line alone"),
  working: patterns("it works there, though it looks at its terminal"),
  done: patterns("it has finished there"),
});

type Table = z.output<typeof preset>;

const RULES = ["needs_input", "ready", "working", "done"] as const;

/** Each key as an operator meets it. */
export function describePresetKeys(): { key: string; says: string }[] {
  return describeKeys("presets", preset.shape);
}

/** In their order. Throws `invalid_request`. */
export function presetsIn(file: ConfigFile | null): readonly Preset[] {
  return namedTables(file, "presets").map(([table, value]) => read(table, value));
}

function read(table: NamedTable, value: unknown): Preset {
  if (!presetName.safeParse(table.name).success) {
    throw table.refused(undefined, "is no name; take 1 to 64 letters, digits and - _ .");
  }
  const data = table.checked(preset, value);
  requireOnePlace(table, data);
  const { argv, prompt, env, tool = null } = data;
  const rules = RULES.flatMap((key) => rulesIn(table, key, data[key]));
  return { name: table.name, argv, prompt, env, tags: table.in("tags", () => checkTags(data.tags)), tool, rules };
}

/** A prompt goes to one place, and to the one that is for its way. */
function requireOnePlace(table: NamedTable, { argv, prompt }: Table): void {
  const places = argv.flatMap((word) => [...word.matchAll(new RegExp(PLACE, "g"))].map(([place]) => place));
  const [place] = places;
  if (place === undefined) return;
  if (places.length > 1) throw table.refused("argv", "has more than one place for the prompt; leave one");
  const fitting = { argument: "{prompt}", file: "{prompt_file}", paste: null, none: null }[prompt];
  if (fitting === place) return;
  const problem = `has ${place}, which is for prompt = "${place === "{prompt}" ? "argument" : "file"}"`;
  throw table.refused("argv", problem);
}

function rulesIn(table: NamedTable, key: (typeof RULES)[number], written: readonly string[]): AttentionRule[] {
  return written.map((when) => {
    table.in(key, () => compilePatterns([{ regex: when }]));
    return { when, attention: key };
  });
}
