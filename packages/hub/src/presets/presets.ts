// Holds the presets that this server knows: those of its configuration file, which may change while it runs, and those that
// are built in. Starts nothing.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { pageOf } from "../page.ts";
import { builtIn, type Preset } from "./preset.ts";

/** What one question about a server's programs may name. */
const TOOLS_MAX = 64;

export class Presets {
  #all: ReadonlyMap<string, Preset> = new Map();

  constructor(configured: readonly Preset[]) {
    this.use(configured);
  }

  /** From now on; one that is configured stands in place of the one that is built in under its name. */
  use(configured: readonly Preset[]): void {
    this.#all = new Map([...builtIn, ...configured].map((preset) => [preset.name, preset]));
  }

  /** Throws `preset_not_found`. */
  find(name: string): Preset {
    const preset = this.#all.get(name);
    if (preset) return preset;
    const known = [...this.#all.keys()].sort().join(", ");
    const message = `this server knows no preset ${JSON.stringify(name)}, but ${known}; [presets.NAME] in its config.toml makes one`;
    throw new FleettyError("preset_not_found", message, { preset: name });
  }

  /** Programs that a server may be asked for. */
  get tools(): string[] {
    return [...new Set([...this.#all.values()].flatMap(({ tool }) => tool ?? []))].slice(0, TOOLS_MAX);
  }

  /** By name. Throws `invalid_cursor`. */
  list(asked: OperationInput<"presets.list">): OperationOutput<"presets.list"> {
    const all = [...this.#all.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
    const { items, next_cursor } = pageOf(all, { keyOf: ({ name }) => name, isKey: isPresetName }, asked);
    return { items: items.map(shown), next_cursor };
  }
}

function isPresetName(text: string): boolean {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text);
}

/** Values of variables are nobody's to read, and patterns are of use where they are decided by. */
function shown({ name, argv, prompt, tool, tags }: Preset) {
  return { name, argv: [...argv], prompt, tool, tags: [...tags] };
}
