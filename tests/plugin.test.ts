// The plugin for Claude Code that this repository is: its two manifests, held to the shape that is documented for them
// (code.claude.com/docs/en/plugins-reference), and what they lead to.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { SKILL_NAMES } from "@fleetty/hub/skills/skill-library";
import { z } from "zod";

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const person = z.strictObject({ name: z.string(), email: z.email().optional(), url: z.url().optional() });

/** Only members that are documented: a misspelled one would be left out silently. */
const pluginManifest = z.strictObject({
  name,
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  description: z.string(),
  author: person,
  license: z.string(),
  keywords: z.array(z.string()),
  mcpServers: z.record(z.string(), z.strictObject({ command: z.string(), args: z.array(z.string()) })),
});

const marketplaceManifest = z.strictObject({
  name,
  owner: person,
  description: z.string(),
  plugins: z.array(z.strictObject({ name, source: z.string().startsWith("./"), description: z.string() })).min(1),
});

function manifest<T>(file: string, shape: z.ZodType<T>): T {
  return shape.parse(JSON.parse(readFileSync(`.claude-plugin/${file}`, "utf8")));
}

describe("the plugin", () => {
  const plugin = manifest("plugin.json", pluginManifest);

  it("has the version and the licence of the command that it runs", () => {
    const { version, license } = JSON.parse(readFileSync("packages/cli/package.json", "utf8"));
    assert.deepEqual([plugin.version, plugin.license], [version, license]);
  });

  it("starts the tools by the command, wherever that is installed", () => {
    assert.deepEqual(plugin.mcpServers, { fleetty: { command: "fleetty", args: ["mcp"] } });
  });

  it("has every skill where plugins have them", () => {
    for (const skill of SKILL_NAMES) assert.ok(existsSync(`skills/${skill}/SKILL.md`), skill);
  });
});

describe("the marketplace", () => {
  it("offers this repository as the plugin", () => {
    const { plugins } = manifest("marketplace.json", marketplaceManifest);
    const { name, description } = manifest("plugin.json", pluginManifest);
    assert.deepEqual(plugins, [{ name, description, source: "./" }]);
  });
});
