// A session's first prompt at a real terminal: each way that it can be handed over, once, in the step that finds the program
// waiting for it; and what keeps it from being pasted. That it outlives a server is told in tests/presets.test.ts.
import assert from "node:assert/strict";
import { existsSync, mkdtempDisposableSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { program } from "../pty/pty-harness.ts";
import { FirstPrompt } from "./first-prompt.ts";
import { type Running, startSession } from "./session-harness.ts";
import type { SpawnSpec } from "./spec.ts";

const root = { principal: "root" };
const TEXT = "mend it, 'all' $of it\n$& and then stop";

const rows = ({ session }: Running) => session.caughtUp().read("plain").lines.join("\n").trimEnd();

function shows(running: Running, text: string): Promise<unknown> {
  return waitUntil(`it shows ${text}`, () => rows(running).includes(text), { seen: () => rows(running) });
}

const state = ({ session }: Running) => session.launch.prompt.shown;

function becomes(running: Running, wanted: Partial<NonNullable<ReturnType<typeof state>>>): Promise<unknown> {
  const is = () =>
    Object.entries(wanted).every(([key, value]) =>
      Object.entries(state(running) ?? {}).some(([k, v]) => k === key && v === value),
    );
  return waitUntil(`the prompt is ${JSON.stringify(wanted)}`, is, { seen: () => [state(running), rows(running)] });
}

const pasted = (argv: readonly string[], more: Partial<SpawnSpec> & { text?: string } = {}) => {
  const { text = TEXT, ...spec } = more;
  return startSession(argv, { spec: { ...spec, prompt: { text, by: "paste" } } });
};

/** Asks for one line with each text; `!` before one: without showing it. */
const asks = (...texts: readonly string[]) => {
  const steps = texts.map((text) => {
    const [off, on] = text.startsWith("!") ? ["stty -echo; ", "; stty echo; echo"] : ["", ""];
    return `${off}printf '${text.replace("!", "")}'; IFS= read -r line${on}; echo "got $line"`;
  });
  return ["/bin/sh", "-c", `${steps.join("; ")}; exec sleep 1000`];
};

describe("a prompt that is an argument", () => {
  it("stands in its place as it is, and in nothing that is kept", async () => {
    const argv = ["/bin/sh", "-c", 'printf "<%s>" "$@"; exec sleep 1000', "sh", "--do={prompt}", "{prompt}"];
    await using running = await startSession(argv, { spec: { prompt: { text: TEXT, by: "argument", at: 4 } } });
    await shows(running, "<{prompt}>");
    assert.equal(rows(running), `<--do=${TEXT}><{prompt}>`);
    assert.deepEqual(state(running), { by: "argument", state: "given" });
    assert.ok(!JSON.stringify(running.session.spec).includes("mend it"));
  });
});

describe("a prompt that is in a file", () => {
  it("is its user's alone, and gone with the program", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const promptFile = join(folder.path, "session", "prompt");
    const argv = ["/bin/sh", "-c", 'cat "$1"; echo .; read -r _', "sh", "{prompt_file}"];
    await using running = await startSession(argv, { promptFile, spec: { prompt: { text: TEXT, by: "file", at: 4 } } });
    await shows(running, "stop.");
    assert.equal(statSync(promptFile).mode & 0o777, 0o600);
    await running.session.input(Buffer.from("\r"));
    await running.session.ended;
    await waitUntil("the file is gone", () => !existsSync(promptFile));
  });

  it("that cannot be written is a refusal, and nothing is started", async () => {
    const spec = { prompt: { text: TEXT, by: "file", at: 1 } } as const;
    const starting = startSession(["/bin/cat", "{prompt_file}"], { promptFile: "/dev/null/prompt", spec });
    await assert.rejects(starting, (refusal: { code?: string }) => typeof refusal.code === "string");
  });
});

describe("a prompt that is pasted", () => {
  it("comes with Enter when the program waits for input, in brackets that it asked for, once", async () => {
    await using running = await pasted([program("read-raw"), "\\033[?2004h"], { text: `${TEXT}\n\n` });
    await shows(running, "^[[201~^M");
    const { session } = running;
    const { generation } = session;
    session.attention.look();
    assert.equal(rows(running), `ready ^[[200~${TEXT.replace("\n", "^M")}^[[201~^M`);
    assert.deepEqual(state(running), { by: "paste", state: "given" });
    assert.ok(generation > 0);
  });

  it("waits while a secret is asked for, and goes to the next question", async () => {
    await using running = await pasted(asks("!Password: ", "Task: "), { text: "the task" });
    await shows(running, "Password:");
    const due = new FirstPrompt({ prompt: { text: "never", by: "paste" } }, "").pasting(running.session, "never");
    const late = performance.now() + 15_000;
    await waitUntil("it is known", () => running.session.attention.current.attention === "needs_secret");
    assert.equal(due.look(late).done, false);
    await running.session.input(Buffer.from("hunter2\r"));
    await shows(running, "got the task");
    assert.equal(rows(running), "Password:\ngot hunter2\nTask: the task\ngot the task");
  });

  it("comes after 15 s to a program that gives no sign", async () => {
    await using running = await startSession(["/bin/sh", "-c", "while :; do :; done"]);
    const late = new FirstPrompt({ prompt: { text: TEXT, by: "paste" } }, "");
    const look = late.pasting(running.session, "late");
    const nowMs = performance.now();
    const before = look.look(nowMs);
    assert.ok(!before.done && before.lookAtMs - nowMs <= 15_000);
    assert.equal(late.shown?.state, "waiting");
    assert.equal(look.look(nowMs + 15_000).done, true);
    await shows(running, "late");
  });

  it("is not pasted where the kernel would cut a line of it, and says so", async () => {
    await using running = await pasted([program("measure-lines")], { text: "x".repeat(5_000) });
    await becomes(running, { state: "waiting", because: "line_too_long" });
    assert.equal(running.session.lastAtMs.input, null);
  });

  it("waits for whoever has the right to write", async () => {
    await using running = await startSession([program("read-raw")]);
    const { session } = running;
    const held = await session.lease.ask(
      { ttl_ms: 60_000 } as never,
      { ...root, kind: "human", isAdmin: true } as never,
      new AbortController().signal,
    );
    const prompt = new FirstPrompt({ prompt: { text: "x", by: "paste" } }, "");
    prompt.begin(session);
    await waitUntil("it is kept back", () => prompt.shown?.because === "lease_held");
    session.lease.release((held as { id: string }).id);
    await shows(running, "ready x^M");
  });

  it("answers no question of a program whose preset knows its prompt", async () => {
    const rules = [{ when: "^> $", attention: "ready" } as const];
    await using running = await pasted(asks("Trust this folder? ", "> "), { text: "the task", rules });
    await waitUntil("it asks", () => running.session.attention.current.attention === "needs_input");
    const late = new FirstPrompt({ prompt: { text: "never", by: "paste" }, rules }, "");
    assert.equal(late.pasting(running.session, "never").look(performance.now() + 60_000).done, false);
    assert.equal(late.shown?.because, "not_ready");
    await running.session.input(Buffer.from("y\r"));
    await waitUntil("it is ready", () => running.session.attention.changes.some(({ rule }) => rule === "P1"));
    await shows(running, "got the task");
    assert.equal(rows(running), "Trust this folder? y\ngot y\n> the task\ngot the task");
  });
});
