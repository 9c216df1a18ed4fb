// Reading lines that have left the screen, through the real binary: of shells, of programs on the alternate buffer, and of
// sessions that have ended.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startServer, type TestServer } from "./harness/server.ts";

let server: TestServer;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

/** A shell script, which has printed `done` by then. */
async function run(name: string, script: string): Promise<void> {
  const created = await server.ask({ path: "/sessions", body: { name, rows: 10, argv: ["/bin/sh", "-c", script] } });
  assert.equal(created.status, 201);
  const until = { pattern: { regex: "^done$", on: "screen" }, exit: true };
  const waited = await server.ask({ path: `/sessions/${name}/wait`, body: { until } });
  assert.equal(waited.json.timed_out, false, waited.body.toString());
}

async function read(name: string, query = "") {
  const { status, json } = await server.ask({ path: `/sessions/${name}/scrollback?format=plain${query}` });
  assert.equal(status, 200);
  return json;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);

describe("the scrollback of a session", () => {
  it("has every line that was printed, oldest first, with the screen at the end", async () => {
    await run("lines", "seq 1 500; echo done; exec cat");
    const { lines, total_lines, offset } = await read("lines", "&limit=10000");
    assert.deepEqual([offset, total_lines], [0, 502]);
    assert.deepEqual(lines, [...numbers(1, 500), "done", ""]);
    assert.deepEqual((await read("lines")).lines, numbers(1, 100));
    const middle = await read("lines", "&offset=250&limit=2");
    assert.deepEqual([middle.lines, middle.offset], [["251", "252"], 250]);
    const end = await read("lines", "&offset=-4");
    assert.deepEqual([end.lines, end.offset], [["499", "500", "done", ""], 498]);
    assert.deepEqual((await read("lines", "&offset=502")).lines, []);
    const { json: screen } = await server.ask({ path: "/sessions/lines/screen?format=plain" });
    assert.deepEqual(screen.lines, (await read("lines", "&offset=-10")).lines);
    assert.deepEqual([screen.epoch, screen.total_lines], [end.epoch, 502]);
  });

  it("keeps the newest 10 000 lines above the screen", async () => {
    await run("many", "seq 1 30000; echo done; exec cat");
    const { lines, total_lines } = await read("many", "&limit=1");
    assert.deepEqual([lines, total_lines], [["19993"], 10_010]);
  });

  it("is styled unless it is asked to be plain", async () => {
    await run("styled", "printf '\\033[31mred\\033[m and not\\n'; seq 1 20; echo done; exec cat");
    const { json } = await server.ask({ path: "/sessions/styled/scrollback?limit=1" });
    assert.deepEqual(json.lines, [[{ text: "red", fg: { indexed: 1 } }, { text: " and not" }]]);
  });

  it("is the alternate buffer's while a program uses that, and comes back afterwards", async () => {
    const script =
      "seq 1 50; printf '\\033[?1049h\\033[Hother\\ndone\\n'; read x; printf '\\033[?1049l'; echo back; cat";
    await run("alternate", script);
    const { lines, total_lines } = await read("alternate");
    assert.deepEqual([lines.slice(0, 2), total_lines], [["other", "done"], 10]);
    await server.ask({ path: "/sessions/alternate/input", body: "\n" });
    const until = { pattern: { regex: "^back$", on: "screen" } };
    await server.ask({ path: "/sessions/alternate/wait", body: { until } });
    assert.deepEqual((await read("alternate")).lines.slice(0, 50), numbers(1, 50));
  });

  it("of one that has ended is what is kept: the rows of its final screen, by id also after a kill", async () => {
    await run("over", "seq 1 50; echo done");
    await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
    const { lines, total_lines, offset } = await read("over");
    assert.deepEqual([lines, total_lines, offset], [[...numbers(43, 50), "done", ""], 10, 0]);
    assert.deepEqual((await read("over", "&offset=-3&limit=1")).lines, ["50"]);
    const { json } = await server.ask({ path: "/sessions/lines" });
    await server.ask({ method: "DELETE", path: "/sessions/lines" });
    assert.deepEqual((await read(json.id, "&offset=-3")).lines, ["500", "done", ""]);
  });
});

describe("the command line", () => {
  it("writes all of it as plain lines without blanks at the end, or as much as it is told", async () => {
    await run("told", "echo; seq 1 300; printf '\\033[31mred\\033[m\\n\\n'; echo done; exec cat");
    const all = await server.fleetty(["scrollback", "told"]);
    assert.deepEqual([all.code, all.stderr], [0, ""]);
    assert.equal(all.stdout, `\n${numbers(1, 300).join("\n")}\nred\n\ndone\n`);
    assert.equal((await server.fleetty(["scrollback", "told", "--offset", "-4", "--limit", "2"])).stdout, "red\n");
    assert.equal(
      (await server.fleetty(["scrollback", "told", "--offset=-5", "--limit", "4"])).stdout,
      "300\nred\n\ndone\n",
    );
    const json = JSON.parse((await server.fleetty(["scrollback", "told", "--offset", "-2", "--json"])).stdout);
    assert.deepEqual(json.lines, [[{ text: "done" }], []]);
    assert.equal((await server.fleetty(["scrollback", "nobody"])).code, 4);
  });
});
