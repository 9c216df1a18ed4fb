// What somebody who is attached sees of overlays, panels and captured keys: the real command on a real terminal, for a session
// of the server that it talks to and for one beyond a link.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { PtyTerminal } from "../packages/cli/test/pty-terminal.ts";
import type { FaultProxy } from "./harness/fault-proxy.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { fixture } from "./harness/programs.ts";
import { LAUNCHER, startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";

const SIZE = { cols: 40, rows: 10 };
const DETACH = "\x1c\x1c";
const CAPTURE = "\x1c";
const CAPTURED = `$${" ".repeat(SIZE.cols - 2)}C`;

let fleet: TestFleet;
let member: TestServer;
let proxy: FaultProxy;
const open: PtyTerminal[] = [];

before(async () => {
  [fleet, member] = await Promise.all([
    startFleet({ members: [] }),
    startServer({ tcp: true, args: ["--hostname", "web-1"] }),
  ]);
  proxy = await fleet.addBehindProxy(member, "web-1");
});
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.close();
});
after(async () => {
  await fleet[Symbol.asyncDispose]();
  await member[Symbol.asyncDispose]();
});

/** A shell whose screen is as short as its user's terminal. */
async function shell(server: string): Promise<string> {
  const body = { server, ...SIZE, argv: ["sh", "-c", "PS1='$ ' exec sh -i"] };
  const { status, json } = await fleet.hub.ask({ path: "/sessions", body });
  assert.equal(status, 201, JSON.stringify(json));
  return json.id;
}

function attached(session: string, size = SIZE): PtyTerminal {
  const user = new PtyTerminal([LAUNCHER, "attach", session], { ...size, env: fleet.hub.home.env });
  open.push(user);
  return user;
}

/** A change of a session, asked of the hub; what it answers. */
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
async function change(session: string, method: string, path: string, body?: object): Promise<any> {
  const answer = await fleet.hub.ask({ method, path: `/sessions/${session}/${path}`, ...(body && { body }) });
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.body}`);
  return answer.json;
}

/** Resolves when the terminal shows these rows, whatever blanks stand behind them, and nothing below. */
function shows(user: PtyTerminal, ...lines: string[]): Promise<void> {
  const trimmed = (text: string) => text.split("\n").map((line) => line.trimEnd());
  return user.until(lines.join(" | "), (text) => trimmed(text).join("\n").trimEnd() === lines.join("\n"));
}

for (const server of ["hub-1", "web-1"]) {
  describe(`somebody attached to a session of ${server === "hub-1" ? "their server" : "a server beyond it"}`, () => {
    it("sees panels around the program and overlays above it, as they come, change and go", async () => {
      const session = await shell(server);
      const user = attached(session);
      await shows(user, "$");
      await change(session, "POST", "panel", { position: "top", height: 2, spans: [{ text: "deploy\nstep 1 of 2" }] });
      const bottom = {
        position: "bottom",
        height: 1,
        background: { bg: "blue" },
        spans: [{ text: "ctl", bold: true }],
      };
      await change(session, "POST", "panel", bottom);
      await shows(user, "deploy", "step 1 of 2", "$", "", "", "", "", "", "", "ctl");
      user.type("stty size\r");
      await shows(user, "deploy", "step 1 of 2", "$ stty size", "7 40", "$", "", "", "", "", "ctl");
      const box = { x: 6, y: 3, width: 4, height: 2, background: { bg: "red" } };
      const { id } = await change(session, "POST", "overlay", { ...box, spans: [{ text: "日本語\n!", id: "says" }] });
      await shows(user, "deploy", "step 1 of 2", "$ stty size", "7 40  日本", "$     !", "", "", "", "", "ctl");
      await change(session, "POST", `overlay/${id}/spans`, { spans: [{ text: "\x1b[2J", id: "says" }] });
      await shows(user, "deploy", "step 1 of 2", "$ stty size", "7 40  ␛[2J", "$", "", "", "", "", "ctl");
      await change(session, "DELETE", "overlay");
      await change(session, "DELETE", "panel");
      await shows(user, "$ stty size", "7 40", "$");
      assert.equal(user.isAlternate, false);
      user.type("stty size\r");
      await shows(user, "$ stty size", "7 40", "$ stty size", "10 40", "$");
      user.type(DETACH);
      await user.ended(/detached\]$/);
    });

    it("captures the keys and lets them go, whoever has the right to type, and sees which it is", async () => {
      const session = await shell(server);
      const user = attached(session);
      await shows(user, "$");
      const lease = await change(session, "POST", "lease", {});
      user.type(CAPTURE);
      await shows(user, CAPTURED);
      assert.deepEqual(await change(session, "GET", "input/mode"), { mode: "capture" });
      user.type("echo not this\r");
      user.type(CAPTURE);
      await shows(user, "$");
      await change(session, "POST", "input/capture");
      await shows(user, CAPTURED);
      await change(session, "POST", "input/release");
      await shows(user, "$");
      await change(session, "DELETE", `lease?lease=${lease.id}`);
      user.type("echo this\r");
      await shows(user, "$ echo this", "this", "$");
    });
  });
}

describe("somebody attached", () => {
  it("sees what was there before, the focus, and as much as fits in a smaller terminal", async () => {
    const session = await shell("hub-1");
    const box = { x: 30, y: 0, width: 8, height: 1, focusable: true, spans: [{ text: "question" }] };
    const { id } = await change(session, "POST", "overlay", box);
    await change(session, "POST", "panel", { position: "top", height: 1, spans: [{ text: "panel" }] });
    const user = attached(session);
    await shows(user, `panel${" ".repeat(25)}question`, "$");
    const looks = () => user.looksAt(0, 30).isInverse;
    assert.equal(looks(), false);
    await change(session, "POST", "input/focus", { id });
    await user.until("the mark of focus", looks);
    await change(session, "POST", "input/unfocus");
    await user.until("no mark of focus", () => !looks());
    const other = attached(session, { cols: 36, rows: 5 });
    await other.until("what fits", (text) => text.startsWith(`panel${" ".repeat(25)}questi\n$\n`));
    assert.match(other.text, /40x10 in 36x5/);
    user.type(DETACH);
    await user.ended(/detached\]$/);
    assert.equal(user.isAlternate, false);
  });

  it("sees the elements of the screen that the program is on", async () => {
    const session = await shell("hub-1");
    const user = attached(session);
    await shows(user, "$");
    const overlay = (text: string) => ({ x: 0, y: 5, width: 9, height: 1, spans: [{ text }] });
    await change(session, "POST", "overlay", overlay("normal"));
    await shows(user, "$", "", "", "", "", "normal");
    user.type("printf '\\033[?1049h\\033[2J\\033[H'\r");
    await shows(user, "$");
    assert.equal(user.isAlternate, true);
    await change(session, "POST", "overlay", overlay("alt"));
    await shows(user, "$", "", "", "", "", "alt");
    user.type("printf '\\033[?1049l'\r");
    await user.until("the normal screen and its overlay", (text) => text.includes("\n\n\n\nnormal"));
  });

  it("has the mouse where the program has it, below a panel", async () => {
    const session = await shell("hub-1");
    const user = attached(session);
    await shows(user, "$");
    await change(session, "POST", "panel", { position: "top", height: 2, spans: [{ text: "panel" }] });
    await shows(user, "panel", "", "$");
    user.type(`clear; exec ${fixture("read-raw")} '\\033[?1000;1006h'\r`);
    await shows(user, "panel", "", "ready");
    await user.until("reports of the mouse", () => user.modes.mouseTrackingMode === "vt200");
    user.type("\x1b[<0;3;2M\x1b[<0;3;4M\x1b[<0;3;4m");
    await shows(user, "panel", "", "ready ^[[<0;3;2M^[[<0;3;2m");
  });

  it("sees what changed while the link to the session's server was lost", async () => {
    const session = await shell("web-1");
    const user = attached(session);
    await shows(user, "$");
    await change(session, "POST", "overlay", { x: 0, y: 3, width: 9, height: 1, spans: [{ text: "old" }] });
    await shows(user, "$", "", "", "old");
    proxy.cut();
    await member.ask({ method: "DELETE", path: `/sessions/${session}/overlay` });
    proxy.heal();
    await shows(user, "$");
    assert.equal(user.isAlternate, false);
  });

  for (const [how, size] of [
    ["passed through", SIZE],
    ["drawn", { cols: 60, rows: 5 }],
  ] as const) {
    it(`reads, where it is ${how}, that what was typed waits while that link is lost, and then that it was taken`, async () => {
      const session = await shell("web-1");
      const user = attached(session, size);
      await user.until("the prompt", (text) => text.startsWith("$"));
      const isTold = (text: string) => text.includes(" what you typed waits for web-1");
      proxy.cut();
      user.type("echo $((40+2))\r");
      await user.until("that it waits", isTold);
      proxy.heal();
      await user.until("the answer, and that alone", (text) => /^42$/m.test(text) && !isTold(text));
    });
  }
});

describe("somebody whose token lets them only look", () => {
  it("sees what is painted, reads that what they type is refused, and then the row that this stood in", async () => {
    const session = await shell("web-1");
    await change(session, "POST", "panel", { position: "top", height: 1, spans: [{ text: "look" }] });
    const { json } = await member.ask({ path: "/tokens", body: { name: "looker", verbs: ["observe"] } });
    const file = join(member.home.root, "looker.token");
    writeFileSync(file, json.token, { mode: 0o600 });
    const { host, port } = await member.tcp();
    const at = ["--url", `http://${host}:${port}`, "--token-file", file];
    const user = new PtyTerminal([LAUNCHER, ...at, "attach", session], { ...SIZE, env: fleet.hub.home.env });
    open.push(user);
    await shows(user, "look", "$");
    user.type("x");
    await user.until("why not", (text) => text.includes(" you may only look: "));
    await shows(user, "look", "$");
  });
});

describe("a viewer of the raw stream", () => {
  const told = ({ texts }: RawViewer) => texts.filter(({ type }) => type === "elements");

  it("is told that there are elements, or that keys are captured, and of each change, if it is attached", async () => {
    const session = await shell("web-1");
    const open = (query: object) => RawViewer.open(fleet.hub.socketPath, session, query);
    const [attached, other] = [await open({ attach: true }), await open({})];
    const { id } = await change(session, "POST", "overlay", { x: 0, y: 0, width: 9, height: 1, spans: [] });
    await attached.until("a new overlay", (viewer) => told(viewer).length === 1);
    await change(session, "PATCH", `overlay/${id}`, { x: 3 });
    await attached.until("another place", (viewer) => told(viewer).length === 2);
    const late = await open({ attach: true });
    await late.until("what is there", (viewer) => told(viewer).length === 1);
    assert.deepEqual(told(late), [{ type: "elements" }]);
    await change(session, "DELETE", "overlay");
    await change(session, "POST", "input/capture");
    const last = await open({ attach: true });
    // Told of what is there, and perhaps of the change that has just made it so.
    await last.until("captured keys", (viewer) => told(viewer).length >= 1);
    assert.deepEqual(told(other), []);
    for (const viewer of [attached, other, late, last]) viewer.close();
  });
});
