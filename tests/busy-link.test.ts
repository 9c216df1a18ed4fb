// One link that carries much for some and little for others: answers of 8 MiB and pastes of 1 MiB, while somebody types in
// another session of the same member. What is large arrives whole, and whoever types waits for a frame of it and not for all.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { FaultProxy } from "./harness/fault-proxy.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { Typist } from "./harness/typist.ts";
import { waitUntil } from "./harness/wait-until.ts";

const MIB = 1024 * 1024;
/** After each 64 KiB: some 3 MB/s. */
const REST_MS = 20;
/** Answers at once. */
const ANSWERS = 2;
/** Half an answer: a frame or two of a quarter MiB, what sockets hold, and what comes while somebody is slow to look. */
const AHEAD_MAX_BYTES = 4 * MIB;
/** Lines of many colours, so that as JSON they are more than one answer may hold. */
const COLOURFUL = `awk 'BEGIN { for (n = 1; n <= 10000; n++) {
  for (word = 1; word <= 24; word++) printf "\\033[3%dm%05d ", word % 7 + 1, n;
  printf "\\n" } print "\\033[mdone" }'; exec cat`;

describe("a link that is slow", () => {
  const stack = new AsyncDisposableStack();
  let fleet: TestFleet;
  let member: TestServer;
  let proxy: FaultProxy;

  before(async () => {
    fleet = stack.use(await startFleet({ members: [] }));
    member = stack.use(await startServer({ args: ["--hostname", "far"] }));
    // Over a unix socket, which holds little: what waits, waits in the member.
    proxy = stack.use(await FaultProxy.open({ path: member.socketPath }, "tcp"));
    const body = { address: `http://127.0.0.1:${proxy.port}` };
    assert.equal((await fleet.hub.ask({ path: "/servers", body })).status, 201);
    await fleet.becomes("far", "healthy");
  });
  after(() => stack.disposeAsync());

  it("brings scrollbacks of 8 MiB whole, and echoes between their frames", async () => {
    const { hub } = fleet;
    const argv = ["/bin/sh", "-c", COLOURFUL];
    await TestSession.start(hub.socketPath, "colourful", { argv, cols: 160, server: "far", ready: "^done$" });
    const path = "/sessions/colourful/scrollback?limit=10000";
    const { body: expected } = await member.ask({ path });
    assert.ok(expected.byteLength > 7.9 * MIB && expected.byteLength <= 8 * MIB, `${expected.byteLength}`);

    await using typist = await Typist.start(hub.socketPath, "typed", "far", () => proxy.passed.down);
    proxy.throttle(REST_MS);
    await typist.goesOn();
    const asked = Array.from({ length: ANSWERS }, () => hub.ask({ path }));
    const begun = proxy.passed.down;
    await waitUntil("they come", () => proxy.passed.down > begun + MIB);
    await typist.goesOn();
    for (const { body } of await Promise.all(asked))
      assert.ok(body.equals(expected), "another answer than the member's");
    proxy.throttle(0);
    await typist.stop();
    assert.ok(typist.mostMetered < AHEAD_MAX_BYTES, `an echo came behind ${typist.mostMetered} bytes of others`);
  });

  it("brings pastes of 1 MiB whole, in brackets and without, between what is typed elsewhere", async () => {
    const { hub } = fleet;
    using folder = mkdtempDisposableSync("/tmp/ft-paste-");
    await using typist = await Typist.start(hub.socketPath, "typed-too", "far");
    const pastes = [
      { name: "bare", begin: "", open: "", close: "" },
      { name: "bracketed", begin: "printf '\\033[?2004h'; ", open: "\x1b[200~", close: "\x1b[201~" },
    ];
    for (const { name, begin } of pastes) {
      const argv = ["/bin/sh", "-c", `${begin}exec "$0" "$1"`, fixture("record-input"), join(folder.path, name)];
      await TestSession.start(hub.socketPath, name, { argv, server: "far", ready: "ready" });
    }
    proxy.throttle(REST_MS);
    await typist.goesOn();
    const pasted = pastes.map(async ({ name, open, close }) => {
      const body = largestPaste(name);
      const { status, json } = await hub.ask({ path: `/sessions/${name}/paste`, body });
      assert.deepEqual([status, json.bracketed], [200, open !== ""], JSON.stringify(json));
      const expected = `${open}${body.text.replaceAll("\n", "\r")}${close}`;
      const typed = () => readFileSync(join(folder.path, name), "utf8");
      await waitUntil(`${name} has it all`, () => typed().length >= expected.length, { seen: () => typed().length });
      assert.ok(typed() === expected, `${name} has something else`);
    });
    await typist.goesOn();
    await Promise.all(pasted);
    await typist.goesOn();
    proxy.throttle(0);
    await typist.stop();
  });
});

/** As long as a body may be: numbered lines, so that nothing in it is twice. */
function largestPaste(name: string): { readonly text: string } {
  const line = (at: number) => `${name} ${String(at).padStart(7, "0")}\n`;
  const room = MIB - JSON.stringify({ text: "" }).length;
  const count = Math.floor(room / (JSON.stringify(line(0)).length - 2));
  return { text: Array.from({ length: count }, (_, at) => line(at)).join("") };
}
