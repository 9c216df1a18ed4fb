// Agents as sessions: presets of the server that is asked, on it and on a member; a prompt that reaches the program in each way,
// once whatever becomes of the server, and is found nowhere else; and servers chosen by the tool that they have. Programs are
// small ones that do what agents do.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { auditOf } from "./harness/audit.ts";
import { writeConfig } from "./harness/config.ts";
import { EmulatedMembers, register } from "./harness/emulated-members.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { makeHome } from "./harness/folders.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { assertNowhere, newSecret, sha256 } from "./harness/secrets.ts";
import { waitUntil } from "./harness/wait-until.ts";

const HASH = fixture("hash-prompt");
const TOOL = "fleetty-test-agent";

const config = (more = "") => `
[presets.by-argument]
argv = ["${HASH}", "argument"]
prompt = "argument"
tags = ["agent"]
env = { NAME = "preset", OTHER = "preset" }

[presets.by-file]
argv = ["${HASH}", "file"]
prompt = "file"

[presets.by-paste]
argv = ["${HASH}", "paste"]

[presets.tooled]
argv = ["/bin/sleep", "1000"]
prompt = "none"
tool = "${TOOL}"

[presets.talks]
argv = ["${fixture("talk-as-agent")}"]
ready = ['^> $']
working = ['thinking$']
done = ['^all done']
${more}`;

const home = makeHome();
let fleet: TestFleet;

before(async () => {
  const bin = join(home.root, "bin");
  mkdirSync(bin);
  symlinkSync("/bin/true", join(bin, TOOL));
  writeConfig(home, config());
  const env = { PATH: `${bin}:${process.env["PATH"]}` };
  fleet = await startFleet({ members: ["web-1"], hub: { home, env, args: ["--slots", "64"] } });
});

after(async () => {
  await fleet?.[Symbol.asyncDispose]();
  home.remove();
});

const create = (body: object) => fleet.hub.ask({ path: "/sessions", body });

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
async function made(body: object): Promise<any> {
  const { status, json, body: text } = await create(body);
  assert.equal(status, 201, text.toString());
  return json;
}

async function shows(id: string, regex: string): Promise<void> {
  const { json } = await fleet.hub.ask({
    path: `/sessions/${id}/wait`,
    body: { until: { pattern: { regex, on: "screen" } } },
  });
  assert.equal(json.reason, "pattern", JSON.stringify(json));
}

const explain = async (id: string) => (await fleet.hub.ask({ path: `/sessions/${id}/explain` })).json;

describe("presets", () => {
  it("are those of the server that is asked and those that are built in, in pages, by name", async () => {
    const names = async (query = "") => {
      const { json } = await fleet.hub.ask({ path: `/presets${query}` });
      return [json.items.map(({ name }: { name: string }) => name), json.next_cursor];
    };
    const all = [
      "by-argument",
      "by-file",
      "by-paste",
      "claude",
      "codex",
      "gemini",
      "opencode",
      "shell",
      "talks",
      "tooled",
    ];
    assert.deepEqual(await names(), [all, null]);
    const [first, cursor] = await names("?limit=4");
    assert.deepEqual(await names(`?cursor=${cursor}`), [all.slice(first.length), null]);
    const { json } = await fleet.hub.ask({ path: "/presets?limit=1" });
    const told = { name: "by-argument", argv: [HASH, "argument"], prompt: "argument", tool: null, tags: ["agent"] };
    assert.deepEqual(json.items, [told]);
    const { stdout } = await fleet.hub.fleetty(["presets"]);
    assert.match(stdout, /^gemini +argument +gemini +gemini --prompt-interactive=\{prompt\}$/m);
  });

  it("give a session what its caller leaves open, and are read again with the servers", async () => {
    const plain = await made({ preset: "by-argument", prompt: "x", env: { NAME: "caller" } });
    assert.deepEqual([plain.tags, plain.command], [["agent"], `${HASH} argument {prompt}`]);
    const variables = readFileSync(`/proc/${plain.pid}/environ`, "utf8").split("\0");
    assert.deepEqual(
      ["NAME=caller", "OTHER=preset"].filter((one) => !variables.includes(one)),
      [],
    );
    const own = await made({ preset: "by-argument", prompt: "x", argv: ["--verbose"], tags: ["mine"] });
    assert.deepEqual([own.tags, own.command], [["mine"], `${HASH} argument --verbose {prompt}`]);
    assertRefused(await create({ preset: "late" }), "preset_not_found");
    writeConfig(home, config('[presets.late]\nargv = ["/bin/cat"]\n'));
    assert.equal((await fleet.hub.fleetty(["servers", "reload"])).code, 0);
    assert.equal((await made({ preset: "late" })).command, "/bin/cat");
  });

  it("are the user's own shell too, which gets its prompt as a line", async () => {
    const { id } = await made({ preset: "shell", prompt: "echo $((6 * 7))", env: { SHELL: "/bin/sh", PS1: "ok> " } });
    await shows(id, "^42$");
  });

  it("fit what else is asked, or nothing is started", async () => {
    const { json: before } = await fleet.hub.ask({ path: "/sessions" });
    const refused = async (body: object, code: string) => assertRefused(await create(body), code as never);
    await refused({ preset: "by-paste", command: "ls" }, "invalid_body");
    await refused({ preset: "by-paste", prompt: "x".repeat(65_537) }, "invalid_body");
    await refused({ preset: "by-paste", prompt: "a\0b" }, "invalid_body");
    await refused({ preset: "tooled", prompt: "x" }, "invalid_request");
    await refused({ preset: "shell", argv: ["-x"] }, "invalid_request");
    await refused({ tool: TOOL, server: "web-1" }, "invalid_request");
    await refused({ tool: "bin/sh" }, "invalid_body");
    const { json: now } = await fleet.hub.ask({ path: "/sessions" });
    assert.equal(now.length, before.length);
  });
});

describe("a prompt", () => {
  for (const server of ["hub-1", "web-1"]) {
    it(`reaches a program on ${server} in each way, and nobody else`, async () => {
      const ways = { "by-argument": "^ready$", "by-file": "^ready 600$", "by-paste": "^ready in brackets$" };
      const prompts = Object.keys(ways).map((preset) => ({ preset, prompt: newSecret() }));
      const sessions = await Promise.all(prompts.map((one) => made({ ...one, server, tags: ["once"] })));
      for (const [at, { preset, prompt }] of prompts.entries()) {
        const { id } = sessions[at];
        await shows(id, sha256(prompt));
        await shows(id, ways[preset as keyof typeof ways]);
        const { prompt: told } = await explain(id);
        assert.equal(told.state, "given");
        await fleet.hub.ask({ path: `/sessions/${id}/input`, body: "q" });
        await fleet.hub.ask({ path: `/sessions/${id}/wait`, body: { until: { exit: true } } });
      }
      const listed = (await fleet.hub.ask({ path: "/sessions?include=exited&tag=once" })).json;
      const commands = listed.filter(({ server: on }: { server: string }) => on === server);
      assert.deepEqual(commands.map(({ command }: { command: string }) => command).sort(), [
        `${HASH} argument {prompt}`,
        `${HASH} file {prompt_file}`,
        `${HASH} paste`,
      ]);
      await assertNowhere(
        [fleet.hub, fleet.member("web-1")],
        prompts.map(({ prompt }) => prompt),
      );
      const details = auditOf(fleet.hub).map(({ detail }) => JSON.parse(detail ?? "{}"));
      assert.ok(details.some(({ preset, tags }) => preset === "by-file" && tags?.[0] === "once"));
    });
  }

  it("is refused where a member of an earlier release would leave it out", async () => {
    await using members = await EmulatedMembers.listen({ members: 1, sessions: 0 });
    await register(fleet.hub, { port: members.port, members: 1 });
    await fleet.becomes("m-0", "healthy");
    const { capability, may_have_run: ran } = assertRefused(
      await create({ server: "m-0", prompt: "x" }),
      "unsupported",
    ).details;
    assert.deepEqual([capability, ran], ["prompts", false]);
    assertRefused(await create({ server: "m-0", preset: "talks" }), "unsupported");
    assert.equal((await fleet.hub.ask({ method: "DELETE", path: "/servers/m-0" })).status, 204);
  });

  it("is pasted once, also when the server dies before the program is ready for it", async () => {
    const [file, record] = [join(home.root, "go"), join(home.root, "record")];
    const argv = [fixture("become-when-there"), file, fixture("record-input"), record];
    const { id } = await made({ argv, prompt: "mend it" });
    await fleet.hub.kill();
    writeFileSync(record, "");
    writeFileSync(file, "");
    const recorded = () => readFileSync(record, "latin1");
    await waitUntil("it has been pasted", () => recorded().includes("\r"), { seen: recorded });
    await fleet.hub.start();
    assert.equal((await explain(id)).prompt.state, "given");
    await fleet.hub.ask({ path: `/sessions/${id}/input`, body: "." });
    await waitUntil("more is typed", () => recorded().endsWith("."), { seen: recorded });
    assert.equal(recorded(), "mend it\r.");
  });

  it("comes from a file or standard input, so that the command line has none", async () => {
    const [one, other] = [newSecret(), newSecret()];
    const path = join(home.root, "task");
    writeFileSync(path, `${one}\n`);
    const start = (name: string, from: string, stdin = "") =>
      fleet.hub.fleetty(["new", name, "--preset", "by-paste", "--prompt-file", from], { stdin });
    assert.deepEqual((await start("from-file", path)).stdout, "from-file\n");
    assert.deepEqual((await start("from-stdin", "-", `${other}\n`)).stdout, "from-stdin\n");
    await shows("from-file", sha256(one));
    await shows("from-stdin", sha256(other));
    const { code, stderr } = await fleet.hub.fleetty(["new", "x", "--prompt", "a", "--prompt-file", path]);
    assert.deepEqual([code, /not both/.test(stderr)], [2, true]);
  });
});

describe("a preset's patterns", () => {
  it("tell on a member when its program is ready, works, asks and is done, and explain says so", async () => {
    const name = "talks";
    await made({ name, preset: "talks", prompt: "go", server: "web-1" });
    const session = new Talk(`web-1%2F${name}`);
    // It has asked whether it is trusted, which the prompt is no answer to.
    await session.becomes("needs_input");
    await session.types("y");
    await session.says("the line matches thinking$");
    await session.types("d");
    await session.becomes("done");
    await session.says("the line matches ^all done");
    await shows(`web-1%2F${name}`, "asked to go");
  });
});

class Talk {
  readonly #path: string;

  constructor(session: string) {
    this.#path = session;
  }

  becomes(attention: string): Promise<unknown> {
    return this.#until(`it is ${attention}`, (seen) => seen.attention === attention);
  }

  says(what: string): Promise<unknown> {
    const is = ({ source, says }: { source: string; says: string }) => source === "pattern" && says === what;
    return this.#until(`it says ${what}`, (seen) => seen.evidence.some(is));
  }

  #until(why: string, isSo: (seen: Awaited<ReturnType<typeof explain>>) => boolean): Promise<unknown> {
    let seen: Awaited<ReturnType<typeof explain>>;
    const look = async () => {
      seen = await explain(this.#path);
      return isSo(seen);
    };
    return waitUntil(why, look, { seen: () => seen });
  }

  async types(text: string): Promise<void> {
    const { status } = await fleet.hub.ask({ path: `/sessions/${this.#path}/input`, body: text });
    assert.equal(status, 200);
  }
}

describe("placement by tool", () => {
  it("starts a session where the program is, and says of the others that they lack it", async () => {
    const { server, placement } = await made({ tool: TOOL, argv: ["/bin/sleep", "1000"] });
    assert.equal(server, "hub-1");
    const rejected = [{ server: "web-1", because: `tool ${TOOL} missing` }];
    assert.deepEqual([placement.asked, placement.rejected], [{ tool: TOOL }, rejected]);
    const placed = await made({ preset: "tooled", on: "*" });
    assert.deepEqual([placed.server, placed.placement.asked], ["hub-1", { on: "*", tool: TOOL }]);
    const { json } = await create({ preset: "tooled", on: "web-1" });
    assert.deepEqual([json.error.code, json.error.details.rejected], ["no_eligible_server", rejected]);
    // Where nobody has asked to choose, it starts where it was asked.
    assert.equal((await made({ preset: "tooled", server: "web-1" })).server, "web-1");
    const { json: has } = await fleet.hub.ask({ path: "/servers/local/capabilities" });
    const { json: lacks } = await fleet.hub.ask({ path: "/servers/web-1/capabilities" });
    const tools = ({ tools: all }: { tools: { name: string }[] }) => all.filter(({ name }) => name === TOOL).length;
    assert.deepEqual([tools(has), tools(lacks)], [1, 0]);
  });
});
