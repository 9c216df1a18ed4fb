// What programs report of themselves: believed exactly, until somebody types or they report anew; and nothing that only looks like
// a report. By the real command, run in real sessions.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launcher, runCli } from "../packages/cli/test/run-cli.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;
before(async () => {
  server = await startServer({});
});
after(() => server[Symbol.asyncDispose]());

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
async function explain(session: TestSession): Promise<any> {
  return (await session.ask("/explain")).json;
}

async function becomes(session: TestSession, attention: string): Promise<void> {
  let seen: unknown;
  const is = async () => {
    const said = await explain(session);
    seen = said;
    return said.attention === attention;
  };
  await waitUntil(`it is ${attention}`, is, { seen: () => seen });
}

/** A shell without marks that says `reported` after each line. */
function start(name: string, script: string): Promise<TestSession> {
  const argv = ["/bin/sh", "-c", `report() { ${launcher} report "$@"; }; ${script}`];
  return TestSession.start(server.socketPath, name, { argv });
}

describe("a program that reports", () => {
  it("is believed exactly, with what it says, while it computes and prints on", async () => {
    const session = await start(
      "asks",
      'report needs_input --text "approve the plan?"; while sleep 0.05; do echo .; done',
    );
    await becomes(session, "needs_input");
    const { confidence, rule, question, evidence } = await explain(session);
    assert.deepEqual([confidence, rule, question.text], ["exact", "E2", "approve the plan?"]);
    assert.match(evidence.find((one: { source: string }) => one.source === "hook").says, /approve the plan\?/);
    const { json } = await session.ask("/wait", { body: { until: { attention: ["needs_input"] } } });
    assert.deepEqual([json.reason, json.confidence], ["needs_input", "exact"]);
    await session.type("x");
    await becomes(session, "working");
  });

  it("tells one after the other, to whoever waits and in the events", async () => {
    const { json: now } = await server.ask({ path: "/events?max_wait_ms=0", headers: { accept: "application/json" } });
    const session = await start(
      "tells",
      "report needs_input; read -r line; report working; read -r line; report done; sleep 1000",
    );
    await becomes(session, "needs_input");
    await session.type("\n");
    await becomes(session, "needs_input");
    await session.type("\n");
    await becomes(session, "done");
    const told = async () => {
      const path = `/events?cursor=${now.cursor}&types=session.attention&session=tells&max_wait_ms=0`;
      const { json } = await server.ask({ path, headers: { accept: "application/json" } });
      return json.events.map(({ data }: { data: { attention: string } }) => data.attention);
    };
    await waitUntil("its events say so", async () => (await told()).at(-1) === "done", { seen: told });
  });

  it("needs to say no question that stands on its line, of which events have what nobody has typed", async () => {
    const { json: now } = await server.ask({ path: "/events?max_wait_ms=0", headers: { accept: "application/json" } });
    const session = await start("shows", "printf 'name? '; read -r line; cat");
    const questions = async () => {
      const path = `/events?cursor=${now.cursor}&types=session.attention&session=shows&max_wait_ms=0`;
      const { json } = await server.ask({ path, headers: { accept: "application/json" } });
      const asking = json.events.filter(
        ({ data }: { data: { attention: string } }) => data.attention === "needs_input",
      );
      return asking.map(({ data }: { data: { question?: { text: string } } }) => data.question?.text);
    };
    await waitUntil("it is asked", async () => (await questions()).length === 1, { seen: questions });
    await session.type("ada\ntyped by somebody");
    await waitUntil("it is asked again", async () => (await questions()).length > 1, { seen: questions });
    assert.deepEqual(await questions(), ["name?", undefined]);
  });

  it("is not believed when it is printed a second time, or by another session's secret", async () => {
    const session = await start("forges", "report needs_input; read -r line; cat; sleep 1000");
    await becomes(session, "needs_input");
    const raw = (await session.output(0)).toString("latin1");
    const [report = assert.fail()] = /\x1b\]7337;[^\x1b]*\x1b\\/.exec(raw) ?? [];
    const other = report.replace(/;[0-9a-f]+;\d+;/, `;${"0".repeat(32)};${Date.now()};`);
    await session.ask("/input", { body: "\n" });
    await session.ask("/input", { body: `${report}${other}\n` });
    // cat prints it once more.
    await session.ask("/wait", { body: { until: { idle: { timeout_ms: 500 } } } });
    assert.ok((await session.output(0)).toString("latin1").split(report).length > 2, "it was printed again");
    const { evidence } = await explain(session);
    assert.equal(evidence.filter((one: { source: string }) => one.source === "hook").length, 1);
    assert.notEqual((await explain(session)).rule, "E2");
  });

  it("is heard from a hook that has no terminal, and from one that nobody waits for", async () => {
    const session = await start(
      "hooks",
      `setsid -w ${launcher} report needs_input --text hooked </dev/null >/dev/null 2>&1; read -r line
       setsid -f ${launcher} report done </dev/null >/dev/null 2>&1; exec sleep 1000`,
    );
    await becomes(session, "needs_input");
    assert.equal((await explain(session)).question.text, "hooked");
    await session.type("\n");
    await becomes(session, "done");
  });

  it("is told what is wrong outside of a session, without a terminal, and with other words", async () => {
    const outside = await runCli(["report", "done"]);
    assert.deepEqual([outside.code, /FLEETTY_REPORT/.test(outside.stderr)], [2, true], outside.stderr);
    for (const words of [
      ["finished"],
      [],
      ["done", "--text"],
      ["done", "text"],
      ["done", "--text", "x".repeat(1025)],
    ]) {
      const { code, stderr } = await runCli(["report", ...words]);
      assert.deepEqual([code, stderr.includes("[invalid_request]")], [2, true], stderr);
    }
    assert.match((await runCli(["report", "--help"])).stdout, /needs_input\|done\|working/);
  });
});
