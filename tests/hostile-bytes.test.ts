// Bytes that mean harm go through the whole of fleetty: nothing of them is answered but constants, comes into a log or raw
// onto another terminal, holds up another session, or stays in memory.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { hostile, questions } from "./harness/hostile-bytes.ts";
import { pssKib } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Control characters of either set that are to come onto no terminal, but for the ends of lines and tabs of tables. */
const RAW = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;
/** What V8 may keep of garbage, and ten thousand lines of scrollback with colours. */
const KEPT_MAX_KIB = 96 * 1024;

let server: TestServer;
let victim: TestSession;
let cases = 0;

before(async () => {
  // With one host all share it, and what it keeps is seen in it.
  server = await startServer({ args: ["--session-hosts", "1"] });
  victim = await TestSession.start(server.socketPath, "victim", { argv: ["cat"] });
  await victim.type("untouched");
  await victim.shows("^untouched$");
});

after(() => server[Symbol.asyncDispose]());

class Reciter {
  readonly session: TestSession;
  readonly #path: string;
  #said = 0;

  private constructor(session: TestSession, path: string) {
    this.session = session;
    this.#path = path;
  }

  static async start(bytes: string | Buffer): Promise<Reciter> {
    cases += 1;
    const path = join(server.home.root, `case-${cases}`);
    writeFileSync(path, bytes);
    const argv = [fixture("recite"), path];
    return new Reciter(await TestSession.start(server.socketPath, `case-${cases}`, { argv, ready: "ready" }), path);
  }

  /** Resolves when the screen has taken it all. */
  async say(): Promise<void> {
    await this.session.type("\n");
    this.#said += 1;
    const seen = async () => (await this.session.info()).title;
    await waitUntil(`it is said ${this.#said} times`, async () => (await seen()) === `said ${this.#said}`, {
      seen,
      deadlineMs: 90_000,
    });
  }

  /** What the terminal sent to the program before it was last made to speak. */
  heard(): string {
    return Buffer.from(readFileSync(`${this.#path}.heard`, "latin1"), "hex").toString("latin1");
  }
}

async function shownToPeople(session: TestSession): Promise<string> {
  const { name } = session;
  const told = await Promise.all(
    [["ls"], ["ls", "--json"], ["show", name], ["screen", name]].map((words) => server.fleetty(words)),
  );
  return told.map(({ stdout, stderr }) => stdout + stderr).join("");
}

describe("a program that prints", () => {
  for (const [what, bytes] of Object.entries(hostile)) {
    it(`${what} harms nobody`, async () => {
      const { session, ...reciter } = await spoken(bytes);
      const { status, json } = await session.ask("/screen?format=plain");
      assert.deepEqual([status, json.lines.length, json.cols], [200, 24, 80]);
      assert.ok(!RAW.test(json.lines.join("")), "no control character stands on a screen");
      const shown = await shownToPeople(session);
      assert.equal(RAW.exec(shown), null, "none comes onto another terminal");
      assert.equal(reciter.heard, "", "nothing is answered");
      assert.equal((await victim.screen()).lines[0]?.[0]?.text, "untouched");
      await session.kill();
    });
  }
});

/** Has it said once more after, so that what was answered has been read. */
async function spoken(bytes: string | Buffer): Promise<{ session: TestSession; heard: string }> {
  const reciter = await Reciter.start(bytes);
  await reciter.say();
  await reciter.say();
  return { session: reciter.session, heard: reciter.heard() };
}

describe("a program that asks its terminal", () => {
  for (const [what, { asks, answer }] of Object.entries(questions)) {
    it(`${what} hears nothing but constants`, async () => {
      const { session, heard } = await spoken(asks);
      assert.equal(heard, answer);
      await session.kill();
    });
  }
});

it("sizes that change all the time while everything is printed end in the size that was asked for last", async () => {
  const reciter = await Reciter.start(Buffer.concat(Object.values(hostile).map((one) => Buffer.from(one))));
  const saying = reciter.say();
  for (let round = 0; round < 100; round += 1) {
    await reciter.session.resize({ rows: 2 + ((round * 37) % 200), cols: 2 + ((round * 91) % 500) });
  }
  await reciter.session.resize({ rows: 30, cols: 100 });
  await saying;
  const { rows, cols, lines } = await reciter.session.screen();
  assert.deepEqual([rows, cols, lines.length], [30, 100, 30]);
  await reciter.session.kill();
});

it("what was said over and over is not kept, and nothing of it is in a log", async () => {
  const [host] = server.hosts();
  assert.ok(host);
  const reciter = await Reciter.start(Buffer.concat(Object.values(hostile).map((one) => Buffer.from(one))));
  await reciter.say();
  const before = pssKib(host);
  for (let round = 0; round < 3; round += 1) await reciter.say();
  const grown = pssKib(host) - before;
  assert.ok(grown < KEPT_MAX_KIB, `the session host grew by ${grown} KiB`);
  assert.deepEqual(server.hosts(), [host], "it is the same session host");
  assert.equal(RAW.exec(server.log), null);
});
