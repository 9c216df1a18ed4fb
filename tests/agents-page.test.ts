// docs/agents.md, followed: what it tells to run is run, and what it tells to write into a client's configuration is read as that
// client reads it, started, and answers the official MCP client.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SKILL_NAMES } from "@fleetty/hub/skills/skill-library";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { parse as parseToml } from "smol-toml";
import { LAUNCHER, startServer, type TestServer } from "./harness/server.ts";

const page = readFileSync("docs/agents.md", "utf8");
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));
const marked = (language: string) => blocks.filter((block) => block.language === language).map(({ text }) => text);

interface ClientEntry {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bearer_token_env_var?: string;
}

/** What clients are told to be configured with. */
const entries: readonly ClientEntry[] = [
  ...marked("json").flatMap((text) => Object.values<ClientEntry>(JSON.parse(text).mcpServers ?? {})),
  ...marked("toml").flatMap((text) =>
    Object.values((parseToml(text)["mcp_servers"] ?? {}) as Record<string, ClientEntry>),
  ),
];

/** What the commands of clients are told to start: all that stands behind `--`. */
const commandLines = blocks.flatMap(({ text }) =>
  [...text.matchAll(/^(?:claude|codex) mcp add .*? -- (fleetty mcp.*)$/gm)].map(([, line = ""]) => line.split(" ")),
);

/** And what they are told to ask over HTTP: where, and with which header. */
const addresses = blocks.flatMap(({ text }) => [
  ...[...text.matchAll(/^claude mcp add .*--transport http fleetty (\S+) --header '(.*)'$/gm)].map(
    ([, url, header]) => ({
      url,
      headers: { Authorization: (header as string).replace("Authorization: ", "") },
    }),
  ),
  ...[...text.matchAll(/^codex mcp add fleetty --url (\S+) --bearer-token-env-var (\w+)$/gm)].map(([, url, name]) => ({
    url,
    bearer_token_env_var: name,
  })),
]) as readonly ClientEntry[];

describe("docs/agents.md", () => {
  let server: TestServer;
  let env: Record<string, string>;
  const token = () => server.token;

  before(async () => {
    server = await startServer({ tcp: true });
    const home = join(server.home.root, "home");
    env = { ...server.home.env, PATH: `${dirname(LAUNCHER)}:${process.env["PATH"]}` };
    writeFileSync(join(home, "fleetty.token"), token(), { mode: 0o600 });
  });
  after(() => server[Symbol.asyncDispose]());

  /** As it stands, but for what the page stands for a place of the reader's own. */
  async function placed(text: string): Promise<string> {
    const { host, port } = await server.tcp();
    return text
      .replace("https://hub.example:7337", `http://${host}:${port}`)
      .replace(/^~(?=\/)/, env["HOME"] as string)
      .replace(/\$\{FLEETTY_TOKEN\}/, token());
  }

  async function answers(transport: Parameters<Client["connect"]>[0]): Promise<void> {
    const client = new Client({ name: "reader", version: "1.0.0" });
    try {
      await client.connect(transport);
      assert.equal(client.getServerVersion()?.name, "fleetty");
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name.endsWith("get_screen")));
    } finally {
      await client.close();
    }
  }

  async function starts([command = "", ...args]: readonly string[]): Promise<void> {
    assert.equal(command, "fleetty");
    const all = await Promise.all(args.map(placed));
    await answers(new StdioClientTransport({ command: LAUNCHER, args: all, env }));
  }

  it("has a line that puts the command where a home has no folder for it yet", () => {
    const [, line = ""] = /^npm ci && (mkdir .*)$/m.exec(page) ?? [];
    const home = join(server.home.root, "fresh");
    mkdirSync(home);
    const script = `${line} && "$HOME/.local/bin/fleetty" --version`;
    const { stdout, stderr } = spawnSync("sh", ["-c", script], { env: { ...env, HOME: home }, encoding: "utf8" });
    assert.match(stdout, /^fleetty \d/, stderr);
  });

  it("has commands for clients whose servers start and answer", async () => {
    assert.equal(commandLines.length, 4);
    for (const line of new Set(commandLines.map((words) => words.join(" ")))) await starts(line.split(" "));
  });

  it("has configurations for clients that lead to a server that answers", async () => {
    assert.deepEqual([entries.length, addresses.length], [3, 2]);
    const all = [...entries, ...addresses];
    for (const { command, args = [], url, headers = {}, bearer_token_env_var: variable } of all) {
      if (command !== undefined) await starts([command, ...args]);
      else {
        const given = variable === undefined ? headers["Authorization"] : `Bearer \${${variable}}`;
        const requestInit = { headers: { authorization: await placed(given ?? "") } };
        await answers(new StreamableHTTPClientTransport(new URL(await placed(url ?? "")), { requestInit }));
      }
    }
  });

  it("says how the older tools are had", async () => {
    const [, line = ""] = /`(fleetty mcp --tool-prefix wsh_)`/.exec(page) ?? [];
    await starts(line.split(" "));
  });

  it("has commands that do what is said of them", async () => {
    const folder = join(server.home.root, "work");
    mkdirSync(folder);
    for (const script of marked("sh")) {
      const { status, stderr } = spawnSync("bash", ["-eu", "-c", script], { cwd: folder, env, encoding: "utf8" });
      assert.equal(status, 0, stderr);
    }
    const { json } = await server.ask({ path: "/tokens" });
    const made = json.items.map(({ name, verbs, kind }: Record<string, unknown>) => ({ name, verbs, kind }));
    assert.deepEqual(made, [
      { name: "watcher", verbs: ["observe"], kind: "agent" },
      { name: "ci-agent", verbs: ["observe", "input", "create", "kill"], kind: "agent" },
    ]);
    for (const skills of [join(env["HOME"] as string, ".claude/skills"), join(folder, ".codex/skills")]) {
      assert.equal(readdirSync(skills).length, SKILL_NAMES.length);
    }
  });
});
