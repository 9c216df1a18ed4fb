// What is painted beside a program, as a client of the older API meets it: overlays, panels that take rows and give them back,
// screen mode, focus and captured keys; on the server that is asked and on a member of its fleet alike, with real programs.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { elementAsk, NO_ELEMENT } from "./harness/elements.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import type { Answer } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let fleet: TestFleet;
let hub: TestServer;

before(async () => {
  fleet = await startFleet({ members: ["web-1"] });
  hub = fleet.hub;
});

after(() => fleet[Symbol.asyncDispose]());

/** One session, asked for what is painted on it. */
class Painted {
  readonly #server: TestServer;
  readonly #name: string;

  constructor(server: TestServer, name: string) {
    this.#server = server;
    this.#name = name;
  }

  static async start(server: string, argv: readonly string[]): Promise<Painted> {
    made += 1;
    const body = { name: `painted-${made}`, argv, server };
    const { status, json } = await hub.ask({ path: "/sessions", body });
    assert.equal(status, 201, JSON.stringify(json));
    return new Painted(hub, json.name);
  }

  get name(): string {
    return this.#name;
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#server.ask({ method, path: `/sessions/${this.#name}${path}`, ...(body !== undefined && { body }) });
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  async get(path: string): Promise<any> {
    const { status, json } = await this.ask("GET", path);
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  /** Changes something, which has nothing to say. */
  async does(method: string, path: string, body?: unknown): Promise<void> {
    const { status, body: said } = await this.ask(method, path, body);
    assert.deepEqual([status, `${said}`], [204, ""], `${method} ${path}`);
  }

  /** Resolves with the id. */
  async make(kind: "overlay" | "panel", body: object): Promise<string> {
    const { status, json } = await this.ask("POST", `/${kind}`, body);
    assert.equal(status, 201, JSON.stringify(json));
    assert.deepEqual(Object.keys(json), ["id"]);
    return json.id;
  }

  /** Resolves when that is the last of what it has printed. */
  async prints(text: string): Promise<void> {
    let seen = "";
    const hasPrinted = async () => {
      seen = await this.output();
      return seen.trimEnd().endsWith(text);
    };
    await waitUntil(`it prints ${text}`, hasPrinted, { seen: () => seen });
  }

  async output(): Promise<string> {
    return (await this.get("/output")).text;
  }
}

let made = 0;
const PLACE = { x: 1, y: 2, width: 10, height: 3 };

for (const server of ["hub-1", "web-1"]) {
  describe(`on ${server === "hub-1" ? "the server that is asked" : "a member"}`, () => {
    it("an overlay is made, shown without its defaults, changed in every way, and gone", async () => {
      const painted = await Painted.start(server, ["/bin/cat"]);
      const spans = [
        { text: "a\nb", id: "one", bold: false },
        { text: "c", fg: { r: 1, g: 2, b: 3 }, underline: true },
      ];
      const id = await painted.make("overlay", { ...PLACE, spans, unknown: 1 });
      const shown = { id, ...PLACE, z: 0, spans: [{ text: "a\nb", id: "one" }, { ...spans[1] }] };
      assert.deepEqual(await painted.get("/overlay"), [shown]);
      await painted.does("PATCH", `/overlay/${id}`, {
        x: 5,
        z: 7,
        background: { bg: "blue" },
        spans: [],
        focusable: true,
      });
      const moved = { ...shown, x: 5, z: 7, background: { bg: "blue" } };
      assert.deepEqual(await painted.get(`/overlay/${id}`), moved);
      await painted.does("POST", `/overlay/${id}/spans`, {
        spans: [{ text: "d", id: "one", italic: true }, { text: "e" }],
      });
      await painted.does("POST", `/overlay/${id}/write`, { writes: [{ row: 1, col: 2, text: "w", bold: true }] });
      const region_writes = [{ row: 1, col: 2, text: "w", bold: true }];
      const painting = [{ text: "d", id: "one", italic: true }, shown.spans[1]];
      assert.deepEqual(await painted.get(`/overlay/${id}`), { ...moved, spans: painting, region_writes });
      await painted.does("PUT", `/overlay/${id}`, { spans: [{ text: "f" }] });
      await painted.does("POST", `/overlay/${id}/write`, { writes: [] });
      assert.deepEqual(await painted.get(`/overlay/${id}`), { ...moved, spans: [{ text: "f" }] });
      const low = await painted.make("overlay", { ...PLACE, spans: [], z: -1 });
      const order = async () => (await painted.get("/overlay")).map((one: { id: string }) => one.id);
      assert.deepEqual(await order(), [low, id]);
      await painted.does("DELETE", `/overlay/${low}`);
      assertRefused(await painted.ask("GET", `/overlay/${low}`), "overlay_not_found");
      await painted.does("DELETE", "/overlay");
      await painted.does("DELETE", "/overlay");
      assert.deepEqual(await order(), []);
    });

    it("panels take rows from a program, which is told of each change once, and give them back", async () => {
      const painted = await Painted.start(server, [fixture("report-size")]);
      await painted.prints("24 80");
      const id = await painted.make("panel", { position: "top", height: 2 });
      await painted.prints("22 80");
      const bottom = await painted.make("panel", { position: "bottom", height: 4, z: 9 });
      await painted.prints("18 80");
      assert.deepEqual(await painted.get("/panel"), [
        { id, position: "top", height: 2, z: 0, spans: [], visible: true },
        { id: bottom, position: "bottom", height: 4, z: 9, spans: [], visible: true },
      ]);
      const { rows, cols } = await painted.get("");
      const screen = await painted.get("/screen");
      assert.deepEqual([rows, cols, screen.rows, screen.lines.length], [24, 80, 18, 18]);
      // What is painted changes no size.
      await painted.does("POST", `/panel/${id}/write`, { writes: [{ row: 0, col: 0, text: "x" }] });
      await painted.does("PUT", `/panel/${id}`, { position: "bottom", height: 2, z: 3, spans: [{ text: "x" }] });
      const { json: resized } = await painted.ask("POST", "/resize", { rows: 30, cols: 80 });
      assert.deepEqual([resized.rows, resized.cols], [30, 80]);
      await painted.prints("24 80\n22 80\n18 80\n24 80");
      await painted.does("PATCH", `/panel/${bottom}`, { height: 29 });
      await painted.prints("24 80\n1 80");
      assert.equal((await painted.get(`/panel/${id}`)).visible, false);
      await painted.does("DELETE", `/panel/${bottom}`);
      await painted.prints("1 80\n28 80");
      await painted.does("DELETE", "/panel");
      await painted.prints("28 80\n30 80");
      assert.equal(await painted.output(), "24 80\n22 80\n18 80\n24 80\n1 80\n28 80\n30 80\n");
    });

    it("a viewer is told the size that the program has, and asks for that of the whole", async () => {
      const painted = await Painted.start(server, [fixture("report-size")]);
      await painted.make("panel", { position: "top", height: 4 });
      const viewer = await RawViewer.open(hub.socketPath, painted.name, { snapshot: true, attach: true });
      const sizes = () => viewer.texts.flatMap(({ type, rows }) => (type === "size" ? [rows] : []));
      await viewer.until("it has a picture", () => viewer.snapshots.length > 0);
      assert.deepEqual([sizes(), viewer.snapshots[0]?.rows], [[20], 20]);
      viewer.say({ type: "size", ch: 0, rows: 34, cols: 80 });
      await viewer.until("it is told", () => sizes().length === 2);
      await painted.does("DELETE", "/panel");
      await viewer.until("it is told", () => sizes().length === 3);
      assert.deepEqual(sizes(), [20, 30, 34]);
      viewer.close();
    });

    it("what is made in alt mode is seen there alone, and gone with it", async () => {
      const painted = await Painted.start(server, ["/bin/cat"]);
      const below = await painted.make("panel", { position: "top", height: 3 });
      await painted.does("POST", "/screen_mode/enter_alt");
      assert.deepEqual(await painted.get("/screen_mode"), { mode: "alt" });
      assert.deepEqual([await painted.get("/panel"), (await painted.get("/screen")).rows], [[], 24]);
      const over = await painted.make("overlay", { ...PLACE, spans: [], focusable: true });
      await painted.does("POST", "/input/focus", { id: over });
      const shown = { id: over, ...PLACE, z: 0, spans: [], focusable: true, screen_mode: "alt" };
      assert.deepEqual(await painted.get("/overlay"), [shown]);
      assert.equal((await painted.get(`/panel/${below}`)).visible, false);
      await painted.does("POST", "/screen_mode/exit_alt");
      assertRefused(await painted.ask("GET", `/overlay/${over}`), "overlay_not_found");
      assert.deepEqual(await painted.get("/input/focus"), { focused: null });
      assert.deepEqual([(await painted.get("/panel")).length, (await painted.get("/screen")).rows], [1, 21]);
      assertRefused(await painted.ask("POST", "/screen_mode/exit_alt"), "not_in_alt_screen");
    });

    it("the focus is one element's, which was made for it, and ends with it", async () => {
      const painted = await Painted.start(server, ["/bin/cat"]);
      const dull = await painted.make("panel", { position: "top", height: 1 });
      const [one, other] = [
        await painted.make("overlay", { ...PLACE, spans: [], focusable: true }),
        await painted.make("panel", { position: "top", height: 1, focusable: true }),
      ];
      assertRefused(await painted.ask("POST", "/input/focus", { id: NO_ELEMENT }), "invalid_request");
      assertRefused(await painted.ask("POST", "/input/focus", { id: dull }), "not_focusable");
      assertRefused(await painted.ask("POST", "/input/focus", {}), "invalid_body");
      for (const [kind, id] of [
        ["overlay", one],
        ["panel", other],
      ]) {
        await painted.does("POST", "/input/focus", { id });
        assert.deepEqual(await painted.get("/input/focus"), { focused: id });
        await painted.does("DELETE", `/${kind}/${id}`);
        assert.deepEqual(await painted.get("/input/focus"), { focused: null });
      }
      await painted.does("POST", "/input/unfocus");
    });

    it("keys of an attach client are captured by request or by Ctrl+\\, and everybody else types as ever", async () => {
      const painted = await Painted.start(server, [fixture("read-raw")]);
      await painted.prints("ready");
      const attached = await RawViewer.open(hub.socketPath, painted.name, { attach: true });
      const mode = async () => (await painted.get("/input/mode")).mode;
      for (const _ of ["", "again"]) await painted.does("POST", "/input/capture");
      attached.type(1, "captured");
      await attached.until("it is acknowledged", () => attached.written() === 1);
      attached.type(2, "\x1c");
      await attached.until("it is acknowledged", () => attached.written() === 2);
      assert.equal(await mode(), "passthrough");
      attached.type(3, "passed ");
      attached.type(4, "\x1c");
      attached.type(5, "captured");
      await attached.until("it is acknowledged", () => attached.written() === 5);
      assert.equal(await mode(), "capture");
      const plain = await RawViewer.open(hub.socketPath, painted.name);
      plain.type(1, "\x1c");
      await plain.until("it is written", () => plain.written() === 1);
      assert.equal((await painted.ask("POST", "/input", "by request")).status, 200);
      for (const _ of ["", "again"]) await painted.does("POST", "/input/release");
      attached.type(6, " end");
      await painted.prints(" end");
      assert.equal(await painted.output(), "ready passed ^\\by request end");
      attached.close();
      plain.close();
    });
  });
}

describe("elements", () => {
  it("are refused beyond their limits, of creations and of changes in other words, and by other methods", async () => {
    const painted = await Painted.start("hub-1", ["/bin/cat"]);
    const text = "x".repeat(64 * 1024 + 1);
    const overlay = { ...PLACE, spans: [{ text }] };
    assert.equal(
      assertRefused(await painted.ask("POST", "/overlay", overlay), "resource_limit_reached").details["max"],
      65_536,
    );
    const panel = { position: "top", height: 1, spans: Array.from({ length: 4097 }, () => ({ text: "" })) };
    assertRefused(await painted.ask("POST", "/panel", panel), "resource_limit_reached");
    const id = await painted.make("panel", { position: "top", height: 1 });
    assertRefused(await painted.ask("PATCH", `/panel/${id}`, { spans: panel.spans }), "invalid_overlay");
    for (const body of [{ ...PLACE }, { ...overlay, x: 65_536 }, { ...overlay, spans: [{ text: 5 }] }, { spans: [] }])
      assertRefused(await painted.ask("POST", "/overlay", body), "invalid_body");
    assertRefused(await painted.ask("POST", "/panel", { position: "left", height: 1 }), "invalid_body");
    assertRefused(await painted.ask("PUT", `/panel/${id}`, { position: "top", height: 1 }), "invalid_body");
    for (const path of ["/overlay", "/panel"]) assertRefused(await painted.ask("PUT", path, {}), "method_not_allowed");
    assertRefused(await painted.ask("GET", "/input/capture"), "method_not_allowed");
    for (const name of ["sessions.overlays.patch", "sessions.panels.remove"] as const)
      assert.equal((await hub.ask(elementAsk(name, painted.name))).status, 404);
    for (let count = 1; count < 256; count += 1) await painted.make("panel", { position: "top", height: 0 });
    const more = await painted.ask("POST", "/panel", { position: "top", height: 0 });
    assert.deepEqual(assertRefused(more, "resource_limit_reached").details, { limit: "panels_per_session", max: 256 });
  });

  it("are as they were after the death of the server, and gone with their session", async () => {
    await using server = await startServer();
    await server.ask({ path: "/sessions", body: { name: "kept", argv: [fixture("report-size")] } });
    const kept = new Painted(server, "kept");
    const id = await kept.make("panel", {
      position: "bottom",
      height: 2,
      spans: [{ text: "still here" }],
      focusable: true,
    });
    await kept.does("POST", "/input/focus", { id });
    await kept.does("POST", "/input/capture");
    const shown = await kept.get("/panel");
    await server.kill();
    await server.start();
    await waitUntil("the session is there again", async () => (await kept.ask("GET", "")).status === 200);
    assert.deepEqual(await kept.get("/panel"), shown);
    assert.deepEqual(
      [await kept.get("/input/focus"), await kept.get("/input/mode"), (await kept.get("/screen")).rows],
      [{ focused: id }, { mode: "capture" }, 22],
    );
    await kept.ask("DELETE", "");
    assertRefused(await kept.ask("GET", `/panel/${id}`), "session_not_found");
  });

  it("are the command line's too", async () => {
    const painted = await Painted.start("web-1", ["/bin/cat"]);
    const spans = JSON.stringify([{ text: "step 2", bold: true }]);
    const options = ["--position", "bottom", "--height", "2", "--spans", spans];
    const made = await hub.fleetty(["panel", "new", painted.name, ...options]);
    const [{ id, spans: painting }] = await painted.get("/panel");
    assert.deepEqual([made.code, painting], [0, [{ text: "step 2", bold: true }]]);
    assert.ok(made.stdout.includes(id), made.stdout);
    const listed = await hub.fleetty(["panel", "ls", painted.name, "--json"]);
    assert.deepEqual(JSON.parse(listed.stdout), await painted.get("/panel"));
    const table = (await hub.fleetty(["panel", "ls", painted.name])).stdout;
    assert.match(
      table,
      new RegExp(`^ID +POSITION +HEIGHT +VISIBLE +Z +FOCUSABLE +TEXT\n${id} +bottom +2 +yes +0 +- +step 2\n$`),
    );
    const placed = { ...PLACE, spans: [{ text: "one\n" }, { text: "two" }], focusable: true };
    const overlay = await painted.make("overlay", placed);
    const overlays = (await hub.fleetty(["overlay", "ls", painted.name])).stdout;
    assert.match(
      overlays,
      new RegExp(`^ID +AT +SIZE +Z +FOCUSABLE +TEXT\n${overlay} +1,2 +10x3 +0 +yes +one / two\n$`),
    );
    assert.equal((await hub.fleetty(["panel", "set", painted.name, id, "--height", "3"])).code, 0);
    assert.equal((await painted.get("/screen")).rows, 21);
    const unknown = await hub.fleetty(["overlay", "show", painted.name, NO_ELEMENT]);
    assert.deepEqual([unknown.code, unknown.stderr.includes("overlay_not_found")], [4, true], unknown.stderr);
    assert.equal((await hub.fleetty(["input", "capture", painted.name])).code, 0);
    assert.match((await hub.fleetty(["input", "mode", painted.name])).stdout, /capture/);
  });
});
