// Lets programs that are not ours meet the server, written from documents alone: what they see is what is there.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fixture, installed } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { pictureOf, ViewerTerminal } from "./harness/terminal.ts";
import { waitUntil } from "./harness/wait-until.ts";

const python = installed("python3");

let server: TestServer;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

/** The header and the output of an asciicast v2, which is JSON lines (docs.asciinema.org, asciicast v2). */
function readCast(file: string) {
  const [header, ...events] = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const [at, kind, data] of events) {
    assert.ok(typeof at === "number" && typeof data === "string", JSON.stringify([at, kind, data]));
    assert.equal(kind, "o");
  }
  const times = events.map(([at]) => at as number);
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
  return { header, output: events.map(([, , data]) => data as string) };
}

describe("a recorder that knows asciicast and RFC 6455", { skip: python.skip }, () => {
  it("makes a cast that shows, when it is played, the screen as it was", async () => {
    const session = await TestSession.start(server.socketPath, "drawn", {
      argv: ["/bin/sh", "-c", `read -r _; exec ${fixture("draw")} 7`],
      rows: 24,
      cols: 80,
    });
    const file = join(server.home.root, "drawn.cast");
    const recorder = spawn(python.path, ["-B", fixture("record-cast"), server.socketPath, "drawn", file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(recorder, "exit");
    await once(recorder.stdout, "data");
    await session.type("\n");
    await session.shows("ready");
    for (let times = 1; times <= 5; times += 1) {
      await session.type("\n");
      await waitUntil(`it has drawn ${times} times`, async () => (await session.info()).title === `done ${times}`, {
        seen: () => session.info(),
      });
    }
    const screen = await session.screen();
    await session.kill();
    assert.deepEqual(await ended, [0, null]);

    const { header, output } = readCast(file);
    assert.deepEqual([header.version, header.width, header.height], [2, 80, 24]);
    const terminal = new ViewerTerminal({ cols: header.width, rows: header.height });
    for (const piece of output) await terminal.feed(piece);
    assert.deepEqual(terminal.picture(), pictureOf(screen));
  });
});
