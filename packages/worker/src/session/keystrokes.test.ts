// What becomes of what an attach client types, on a real terminal: what goes to the program, what is told to whom, and that no
// password is.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Notice } from "@fleetty/protocol/schemas/notices";
import { fixture } from "../../../../tests/harness/programs.ts";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { type Running, startSession } from "./session-harness.ts";

const signal = new AbortController().signal;
const KINDS = ["input", "mode"] as const;

/** One attach client, and one who follows what it types. */
class Attached {
  readonly #session: Running["session"];
  #number = 0;
  #seq = 0;

  constructor({ session }: Running) {
    this.#session = session;
  }

  /** Types, and resolves once that is acknowledged. */
  async type(...chunks: readonly string[]): Promise<void> {
    for (const chunk of chunks) {
      this.#number += 1;
      const client = { client: "ada", attach: true };
      assert.notEqual(await this.#session.numbered.type(client, this.#number, Buffer.from(chunk)), "hole");
    }
  }

  /** The same number again, as after a lost link. */
  async again(text: string): Promise<void> {
    await this.#session.numbered.type({ client: "ada", attach: true }, this.#number, Buffer.from(text));
  }

  /** What has passed since this was asked last, in short. */
  async told(): Promise<string[]> {
    const wish = { session: "", after: this.#seq, kinds: [...KINDS], max_wait_ms: 0 };
    const { seq, notices } = await this.#session.notices.ask(wish, signal);
    this.#seq = seq;
    return notices.map(inShort);
  }
}

function inShort(notice: Notice): string {
  if (notice.kind === "mode") return `mode ${notice.mode}`;
  assert.equal(notice.kind, "input");
  const { mode, raw, parsed, target } = notice;
  const key = parsed ? [...parsed.modifiers, parsed.key].join("+") : JSON.stringify(`${Buffer.from(raw, "base64")}`);
  return [mode, key, ...(target ? [`for ${target}`] : [])].join(" ");
}

async function shows({ session }: Running, text: string): Promise<void> {
  const screen = () => session.screen().read("plain").lines.join("\n");
  await waitUntil(`it shows ${text}`, () => screen().includes(text), { seen: screen });
}

describe("what an attach client types", () => {
  it("goes to the program, and is told with the key that it is, to who follows and has done so lately", async () => {
    await using running = await startSession([fixture("read-raw")]);
    const ada = new Attached(running);
    await shows(running, "ready");
    await ada.type("unheard");
    assert.deepEqual(await ada.told(), []);
    await ada.type("a", "\x1b[A", "\x03", "two words");
    await shows(running, "unhearda^[[A^Ctwo words");
    assert.deepEqual(await ada.told(), [
      "passthrough a",
      "passthrough ArrowUp",
      "passthrough ctrl+c",
      'passthrough "two words"',
    ]);
  });

  it("is kept from the program while keys are captured, acknowledged and told once, and is no activity", async () => {
    await using running = await startSession([fixture("read-raw")]);
    const { session } = running;
    const ada = new Attached(running);
    await shows(running, "ready");
    await ada.told();
    const { id } = session.elements.add("panel", { focusable: true }, { position: "top", height: 1 });
    session.elements.focus(id);
    await ada.type("before", "\x1c");
    await shows(running, "before");
    const { generation } = session;
    await ada.type("x");
    await ada.again("x");
    await ada.type("\x1c\x1c", "\x1b");
    assert.equal(session.generation, generation);
    // Requests and viewers that are not attached type as ever.
    await session.input(Buffer.from("-by request-"));
    await session.numbered.type({ client: "eve" }, 1, Buffer.from("\x1c"));
    await ada.type("\x1c", "after");
    await shows(running, "before-by request-^\\after");
    assert.deepEqual(await ada.told(), [
      `passthrough "before" for ${id}`,
      "mode capture",
      `capture x for ${id}`,
      `capture "\\u001c\\u001c" for ${id}`,
      `capture Escape for ${id}`,
      "mode passthrough",
      'passthrough "after"',
    ]);
    assert.deepEqual(
      running.news.filter(({ type }) => type === "session.input_mode").map((one) => "mode" in one && one.mode),
      ["capture", "passthrough"],
    );
  });

  it("is written only under the lease, and captured without it", async () => {
    await using running = await startSession([fixture("read-raw")]);
    const { session } = running;
    const ada = new Attached(running);
    await ada.told();
    await session.lease.ask({}, { principal: "ci", kind: "agent", isAdmin: false }, signal);
    await assert.rejects(ada.type("x"), { code: "lease_held" });
    session.elements.setInputMode("capture");
    await ada.type("y");
    assert.deepEqual(await ada.told(), ["mode capture", "capture y"]);
  });

  it("is told to nobody while the terminal hides it, until that line is over, unless it is captured", async () => {
    await using running = await startSession([fixture("ask-password")]);
    const { session } = running;
    const ada = new Attached(running);
    await shows(running, "Password:");
    await ada.told();
    await ada.type("hun");
    session.elements.setInputMode("capture");
    await ada.type("n");
    session.elements.setInputMode("passthrough");
    await ada.type("ter2", "\r");
    await shows(running, "got 7 characters");
    assert.deepEqual(await ada.told(), ["mode capture", "capture n", "mode passthrough"]);
  });

  it("is not acknowledged, captured, before what was typed before it is in the terminal", async () => {
    await using running = await startSession([fixture("read-nothing")]);
    const { session } = running;
    const ada = new Attached(running);
    const done: string[] = [];
    const large = ada.type("x".repeat(256 * 1024)).catch(({ code }) => done.push(code));
    session.elements.setInputMode("capture");
    const small = ada.type("y").then(() => done.push("captured"));
    await session.kill({ graceMs: 0, reason: "killed" });
    await Promise.all([large, small]);
    assert.deepEqual(done, ["input_send_failed", "captured"]);
  });

  it("is told in pieces when it is long, and the oldest are let go", async () => {
    await using running = await startSession([fixture("read-nothing")]);
    const { session } = running;
    const ada = new Attached(running);
    await ada.told();
    session.elements.setInputMode("capture");
    await ada.type("x".repeat(10_000));
    const wish = { session: "", after: 0, kinds: [...KINDS], max_wait_ms: 0 };
    const { notices } = await session.notices.ask(wish, signal);
    const lengths = notices.flatMap((one) => (one.kind === "input" ? [Buffer.from(one.raw, "base64").byteLength] : []));
    assert.deepEqual(lengths, [4096, 4096, 1808]);
  });
});

describe("a program that changes its buffer", () => {
  it("moves the screen mode with it, gets other rows by that, and takes no element away", async () => {
    await using running = await startSession([fixture("say")]);
    const { session } = running;
    const { elements } = session;
    const says = (text: string) => session.input(Buffer.from(`${text}\n`));
    await shows(running, "ready");
    const stripe = { position: "bottom", height: 4 } as const;
    for (const [enter, leave] of [
      ["?1049h", "?1049l"],
      ["?47h", "?47l"],
      ["?1047h", "?1047l"],
    ]) {
      await says(`\\033[${enter}in`);
      await waitUntil("it is in alt mode", () => elements.screenMode === "alt");
      if (elements.panels().length === 0) elements.add("panel", {}, stripe);
      assert.deepEqual([elements.panels().length, session.size.program.rows, session.size.outer.rows], [1, 20, 24]);
      assert.equal(session.screen().read("plain").rows, 20);
      await says(`\\033[${leave}out`);
      await waitUntil("it is in normal mode", () => elements.screenMode === "normal");
      assert.deepEqual([elements.panels().length, session.size.program.rows], [0, 24]);
    }
    elements.enterAlt();
    assert.equal(session.size.program.rows, 20);
    // There and back in one piece: it has come back.
    await says("\\033[?1049hin\\033[?1049lwas in");
    await waitUntil("it is in normal mode", () => elements.screenMode === "normal");
  });
});
