// `presets`: the programs that a server knows how to start, as a table for people.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { table } from "../print/table.ts";

const HEADING = ["NAME", "PROMPT", "TOOL", "TAGS", "ARGV"];

export const comfort: Comfort = {
  notes: [
    "fleetty new NAME --preset PRESET starts one. Those of [presets.NAME] in the server's config.toml stand beside the ones that",
    "are built in. PROMPT says how a prompt reaches the program, and {prompt} where.",
  ],
  show: (answer) => {
    const { items } = answer as OperationOutput<"presets.list">;
    return table(HEADING, items.map(row));
  },
};

function row({ name, prompt, tool, tags, argv }: OperationOutput<"presets.list">["items"][number]): string[] {
  return [name, prompt, tool ?? "", tags.join(","), argv.length === 0 ? "your shell" : argv.join(" ")];
}
