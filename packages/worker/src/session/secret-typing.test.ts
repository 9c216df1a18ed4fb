// Secrets at a real terminal: typed in the step that finds it reading one, for as long as that is waited for, and remembered by
// nothing but their id.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { program } from "../pty/pty-harness.ts";
import { type Running, startSession } from "./session-harness.ts";

const root = { principal: "root" };
const nobodyGoes = new AbortController().signal;
const value = "correct horse";

const rows = ({ session }: Running) => session.caughtUp().read("plain").lines;

function shows(running: Running, text: string): Promise<unknown> {
  return waitUntil(`it shows ${text}`, () => rows(running).join("\n").includes(text), { seen: () => rows(running) });
}

async function asking(): Promise<Running> {
  const running = await startSession([program("ask-password")]);
  await shows(running, "Password:");
  return running;
}

describe("a secret", () => {
  it("is typed with Enter where a password is asked for, at the position that is told", async () => {
    await using running = await asking();
    const { session } = running;
    const was = session.position();
    const typed = await session.typing.secret({ value }, { ...root, input_id: "1" }, nobodyGoes);
    assert.deepEqual(typed, { ...was, input_id: "1" });
    await shows(running, `got ${value.length} characters`);
  });

  it("waits without an end in sight for nobody: a caller that goes is told so, and nothing is typed", async () => {
    await using running = await startSession([program("count-input"), "1"]);
    await shows(running, "ready");
    const { session } = running;
    const { generation } = session;
    const gone = new AbortController();
    const terms = { ...root, input_id: "1" };
    const typing = session.typing.secret({ value, wait_ms: 30_000 }, terms, gone.signal);
    gone.abort();
    await assert.rejects(typing, { code: "cancelled" });
    assert.equal(session.generation, generation);
    await assert.rejects(session.typing.secret({ value }, terms, nobodyGoes), { code: "not_secret_prompt" });
  });

  it("is not typed behind other input that waits for the program", async () => {
    await using running = await startSession(["/bin/sh", "-c", "stty -echo; printf 'Password: '; exec sleep 1000"]);
    await shows(running, "Password:");
    const { session } = running;
    const before = session.typing.input(Buffer.from("x\n".repeat(300_000)), root).catch(({ code }) => code);
    const refused = session.typing.secret({ value }, { ...root, input_id: "1" }, nobodyGoes);
    const first = await Promise.race([before, refused.catch(() => "refused at once")]);
    assert.equal(first, "refused at once");
    // What lies there unread is about to be read first.
    await assert.rejects(refused, { code: "not_secret_prompt" });
    assert.equal(await before, "input_send_failed");
  });

  it("of which the terminal took a part is in doubt ever after, and nobody is told how large a part", async () => {
    await using running = await asking();
    const { session } = running;
    const cut = new FleettyError("input_send_failed", "the terminal took a part of it");
    session.inputNow = () => Promise.reject(cut);
    const terms = { ...root, input_id: "1" };
    await assert.rejects(session.typing.secret({ value }, terms, nobodyGoes), { code: "input_send_failed" });
    const again = session.typing.secret({ value }, terms, nobodyGoes);
    await assert.rejects(again, { code: "input_in_doubt", details: { written: null } });
  });

  it("is typed on conditions that hold when it is, and not before", async () => {
    await using running = await asking();
    const { session } = running;
    const epoch = session.screen().look();
    const type = (if_epoch: number) => session.typing.secret({ value }, { ...root, if_epoch }, nobodyGoes);
    await assert.rejects(type(epoch + 1), { code: "screen_changed" });
    await type(epoch);
    await shows(running, `got ${value.length} characters`);
  });
});
