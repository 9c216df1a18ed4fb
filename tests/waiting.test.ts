// The rules of wait and idle as a caller meets them: what ends a wait, from where it looks, how sure it is, and that nothing
// of it remains. Every session is a program that prints what it is told to print, so each moment is chosen by the test.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Answer } from "./harness/http.ts";
import { InspectedHost } from "./harness/inspected-host.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** The least that a server takes: soon full. */
const RING_BYTES = 64 * 1024;
/** Long enough to have been quiet for on purpose, short enough to wait for. */
const QUIET_MS = 100;
/** The longest that can be asked for; no test lasts so long. */
const NEVER_MS = 300_000;

let server: TestServer;
let host: InspectedHost;
let made = 0;

before(async () => {
  server = await startServer();
  host = await InspectedHost.start(server, { ringBytes: RING_BYTES });
});

after(async () => {
  host.close();
  await server[Symbol.asyncDispose]();
});

interface Position {
  readonly generation: number;
  readonly offset: number;
}

interface Asking {
  readonly signal?: AbortSignal;
}

/** A session whose program prints what is typed. */
class Told {
  readonly id: string;

  private constructor(id: string) {
    this.id = id;
  }

  static async start(argv: readonly string[] = [fixture("say")], ready = "^ready$"): Promise<Told> {
    made += 1;
    const { json } = await server.ask({ path: "/sessions", body: { name: `told-${made}`, argv } });
    const session = new Told(json.id);
    await session.printed(ready, { generation: 0, offset: 0 });
    return session;
  }

  /** Tells the program to print it, or to exit. Resolves with the position before. */
  async say(text: string): Promise<Position> {
    const { status, json } = await server.ask({ path: `/sessions/${this.id}/input`, body: `${text}\n` });
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  /** Says it and resolves when it has been printed, with the position before; `text` is one word or more. */
  async said(text: string): Promise<Position> {
    const before = await this.say(`${text}\\n`);
    await this.printed(text, before);
    return before;
  }

  async printed(regex: string, since: Position): Promise<void> {
    const { reason } = await this.wait({ since, until: onOutput(regex) });
    assert.equal(reason, "pattern", `${regex} was not printed`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  async wait(body: object, { signal }: Asking = {}): Promise<any> {
    const path = `/sessions/${this.id}/wait`;
    const { status, json } = await server.ask({ path, body, ...(signal && { signal }) });
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  idle(query: Readonly<Record<string, number | boolean | string>>, { signal }: Asking = {}): Promise<Answer> {
    const words = Object.entries(query).map(([name, value]) => `${name}=${value}`);
    return server.ask({ path: `/sessions/${this.id}/idle?${words.join("&")}`, ...(signal && { signal }) });
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  async info(): Promise<any> {
    return (await server.ask({ path: `/sessions/${this.id}` })).json;
  }

  /** Resolves when it has been quiet for QUIET_MS, with its generation. */
  async settled(): Promise<number> {
    const { status, json } = await this.idle({ timeout_ms: QUIET_MS });
    assert.equal(status, 200);
    return json.generation;
  }

  async kill(): Promise<void> {
    assert.equal((await server.ask({ method: "DELETE", path: `/sessions/${this.id}` })).status, 204);
  }
}

const onOutput = (regex: string) => ({ pattern: { regex, on: "output" } });
const onScreen = (regex: string) => ({ pattern: { regex, on: "screen" } });

const timersAre = (why: string, hold: (timers: number) => boolean) =>
  waitUntil(why, async () => hold(await host.timers()), { seen: () => host.timers() });

/** Resolves when nothing waits in the session host. */
const nothingWaits = () => timersAre("nothing waits in the session host", (timers) => timers === 0);

/** Resolves when the calls that `ask` makes are waiting in the session host, and nothing else does. */
async function inPlace<T extends object>(count: number, ask: () => T): Promise<T> {
  await nothingWaits();
  const asked = ask();
  await timersAre(`${count} calls wait in the session host`, (timers) => timers === count);
  return asked;
}

describe("a wait for the end", () => {
  it("knows the code exactly", async () => {
    const session = await Told.start();
    const { ended } = await inPlace(1, () => ({ ended: session.wait({ until: { exit: true } }) }));
    await session.say("exit 3");
    const { reason, confidence, exit, exit_code: code, timed_out: timedOut } = await ended;
    assert.deepEqual([reason, confidence, exit, code, timedOut], ["exit", "exact", { code: 3 }, 3, false]);
  });

  it("is one of what a wait is for by default, as is what a session wants", async () => {
    const session = await Told.start();
    assert.equal((await session.wait({})).reason, "needs_secret");
    const since = await session.say("exit 3");
    assert.equal((await session.wait({ since })).reason, "exit");
  });

  it("holds at once when it was long ago, whatever was asked for and from wherever", async () => {
    const session = await Told.start();
    await session.say("exit 0");
    await session.wait({ until: { exit: true } });
    const { offset } = await session.info();
    for (const body of [
      { since: { offset: offset + 1000, generation: 99 } },
      { until: onOutput("never") },
      { until: { idle: { timeout_ms: NEVER_MS } } },
      { max_wait_ms: 0 },
    ]) {
      const { reason, exit_code: code } = await session.wait(body);
      assert.deepEqual([reason, code], ["exit", 0], JSON.stringify(body));
    }
  });
});

describe("a wait for output", () => {
  it("finds what was printed between the position and the call, and says where", async () => {
    const session = await Told.start();
    const before = await session.say("one fish\\ntwo fish\\n");
    await session.printed("two fish", before);
    await session.said("later");
    const answer = await session.wait({ since: before, until: onOutput("^(t\\w+) fish$") });
    const { reason, confidence, match } = answer;
    assert.deepEqual([reason, confidence], ["pattern", "heuristic"]);
    assert.deepEqual([match.pattern, match.text, match.groups], [0, "two fish", ["two"]]);
    const { json } = await server.ask({ path: `/sessions/${session.id}/output?from=${match.from}&to=${match.to}` });
    assert.equal(json.text, "two fish");
    await session.kill();
  });

  it("does not look before its position, which without one is the present end", async () => {
    const session = await Told.start();
    await session.said("early");
    const late = await session.said("late");
    for (const since of [late, undefined]) {
      const { reason } = await session.wait({ since, until: onOutput("early"), max_wait_ms: 0 });
      assert.equal(reason, "timeout");
    }
    const { waiting } = await inPlace(1, () => ({ waiting: session.wait({ until: onOutput("^early .*$") }) }));
    await session.said("early again");
    assert.equal((await waiting).match.text, "early again");
    await session.kill();
  });

  it("sees a text that comes in pieces, cut within an escape sequence and within a character", async () => {
    const session = await Told.start();
    const until = onOutput("^BUILD naïve SUCCESS$");
    const { offset, generation } = await session.info();
    const { waiting } = await inPlace(1, () => ({ waiting: session.wait({ until }) }));
    for (const piece of ["BUILD \\033[3", "2mna\\303", "\\257ve SUC\\033[", "0mCESS\\n"]) {
      const { offset: before } = await session.say(piece);
      await waitUntil("the piece is printed", async () => (await session.info()).offset > before);
    }
    const { match } = await waiting;
    assert.equal(match.text, "BUILD naïve SUCCESS");
    const whole = await session.wait({ since: { offset, generation }, until });
    assert.deepEqual(whole.match, match);
    await session.kill();
  });

  it("declares what was gone before it could look, and looks at the rest", async () => {
    const session = await Told.start(["sh", "-c", "seq -w 1 20000; echo finished; exec sleep 1000"], "^finished$");
    const { json } = await server.ask({ path: `/sessions/${session.id}/output` });
    const gap = { from: 0, to: json.oldest, reason: "expired" };
    assert.ok(json.oldest > RING_BYTES / 2, `the ring still holds all from ${json.oldest}`);
    const since = { generation: 0, offset: 0 };
    const found = await session.wait({ since, until: onOutput("^finished$") });
    assert.deepEqual([found.reason, found.gap], ["pattern", gap]);
    const missed = await session.wait({ since, until: onOutput("^00001$"), max_wait_ms: 0 });
    assert.deepEqual([missed.reason, missed.gap], ["timeout", gap]);
    const behind = await session.wait({ since: { ...since, offset: json.oldest }, until: onOutput("^finished$") });
    assert.deepEqual([behind.reason, behind.gap], ["pattern", undefined]);
    await session.kill();
  });
});

describe("a wait for the screen", () => {
  it("finds what stands there now, whatever its position, with row, column and the screen of that moment", async () => {
    const session = await Told.start();
    await session.said("  Password: ");
    const since = await session.info();
    const { reason, confidence, match, screen } = await session.wait({
      since: { generation: since.generation, offset: since.offset },
      until: onScreen("Pass(w)ord:"),
      screen: "plain",
    });
    assert.deepEqual([reason, confidence], ["pattern", "heuristic"]);
    assert.deepEqual([match.row, match.col, match.groups], [1, 2, ["w"]]);
    assert.deepEqual(screen.lines.slice(0, 2), ["ready", "  Password:"]);
    await session.kill();
  });

  it("does not find what was wiped out, and finds what is drawn later", async () => {
    const session = await Told.start();
    await session.said("draft");
    await session.printed("clean", await session.say("\\033[2J\\033[Hclean\\n"));
    assert.equal((await session.wait({ until: onScreen("draft"), max_wait_ms: 0 })).reason, "timeout");
    const { waiting } = await inPlace(1, () => ({ waiting: session.wait({ until: onScreen("^final$") }) }));
    await session.say("\\033[10;1Hfinal");
    assert.deepEqual([(await waiting).reason, (await waiting).match.row], ["pattern", 9]);
    await session.kill();
  });
});

describe("a wait for several conditions", () => {
  it("ends with the one that comes first, and names the pattern by its place", async () => {
    const session = await Told.start();
    const pattern = [
      { regex: "^FAILURE$", on: "output" },
      { regex: "^success$", on: "output", flags: "i" },
      { regex: "^never$", on: "screen" },
    ];
    const until = { exit: true, pattern, idle: { timeout_ms: NEVER_MS } };
    const { waiting } = await inPlace(1, () => ({ waiting: session.wait({ until }) }));
    await session.say("working\\nSUCCESS\\n");
    const { reason, match } = await waiting;
    assert.deepEqual([reason, match.pattern, match.text], ["pattern", 1, "SUCCESS"]);
    await session.kill();
  });

  it("prefers the end to a pattern and a pattern to silence when all are true", async () => {
    const session = await Told.start();
    const since = await session.said("here");
    await session.settled();
    const until = { exit: true, idle: { timeout_ms: QUIET_MS }, ...onOutput("^here$") };
    assert.equal((await session.wait({ since, until })).reason, "pattern");
    assert.equal((await session.wait({ since, until: { ...until, ...onOutput("^not$") } })).reason, "idle");
    await session.say("exit 0");
    await session.wait({ until: { exit: true } });
    assert.equal((await session.wait({ since, until })).reason, "exit");
  });
});

describe("a wait whose time is over", () => {
  it("is no success and no error, and can be gone on with from where it was", async () => {
    const session = await Told.start();
    const until = onOutput("^late$");
    const over = await session.wait({ until, max_wait_ms: 1 });
    assert.deepEqual([over.reason, over.confidence, over.timed_out, over.exit], ["timeout", null, true, null]);
    await session.said("late");
    const { generation, offset } = over;
    assert.equal((await session.wait({ since: { generation, offset }, until })).reason, "pattern");
    const said = await server.fleetty(["wait", session.id, "--pattern", "never", "--max-wait-ms", "1"]);
    assert.deepEqual([said.code, said.stdout], [124, "timeout\n"]);
    await session.kill();
  });
});

describe("a wait for silence", () => {
  it("counts the silence since its position, and without one from its arrival", async () => {
    const session = await Told.start();
    const since = await session.said("word");
    await session.settled();
    const until = { idle: { timeout_ms: QUIET_MS } };
    const known = await session.wait({ since, until, max_wait_ms: 0 });
    assert.deepEqual([known.reason, known.confidence], ["idle", "heuristic"]);
    assert.equal((await session.wait({ until, max_wait_ms: 0 })).reason, "timeout");
    assert.equal((await session.wait({ until })).reason, "idle");
    await session.kill();
  });

  it("that was broken by an input counts anew from what the input caused", async () => {
    const session = await Told.start();
    await session.settled();
    const since = await session.said("word");
    const { reason, generation } = await session.wait({ since, until: { idle: { timeout_ms: QUIET_MS } } });
    const { last_activity_ms: quietMs } = await session.info();
    assert.deepEqual([reason, generation >= since.generation + 2, quietMs >= QUIET_MS], ["idle", true, true]);
    await session.kill();
  });
});

describe("idle", () => {
  it("is answered at once when it is true already, with generation and screen of one moment", async () => {
    const session = await Told.start();
    await session.settled();
    for (const timeoutMs of [0, QUIET_MS]) {
      const { status, json } = await session.idle({ timeout_ms: timeoutMs, max_wait_ms: 0 });
      assert.equal(status, 200);
      assert.deepEqual([json.generation, json.scrollback_lines], [json.screen.generation, json.screen.total_lines]);
      assert.ok(json.last_activity_ms >= QUIET_MS);
      assert.deepEqual([json.state, json.exit], [undefined, undefined]);
    }
    await session.kill();
  });

  it("is refused with 408 when it does not come in time, with what was last seen; spans are cut, not refused", async () => {
    const session = await Told.start();
    // It reads a line without echo: that is known a little after it has said that it is ready.
    assert.equal((await session.wait({})).reason, "needs_secret");
    const { generation } = await session.info();
    const { status, json } = await session.idle({ timeout_ms: 1e9, max_wait_ms: 0 });
    assert.deepEqual([status, json.error.code], [408, "idle_timeout"]);
    assert.deepEqual(json.error.details, {
      generation,
      last_activity_ms: json.error.details.last_activity_ms,
      attention: "needs_secret",
    });
    assert.equal((await session.idle({ timeout_ms: 0, max_wait_ms: 1e9 })).status, 200);
    assert.equal((await server.fleetty(["idle", session.id, "--timeout-ms", "300000", "--max-wait-ms", "1"])).code, 6);
    await session.kill();
  });

  it("waits for the next activity first when the generation is the one that was seen, and only then", async () => {
    const session = await Told.start();
    const seen = await session.settled();
    for (const other of [seen - 1, seen + 1, -1]) {
      const { status } = await session.idle({ timeout_ms: QUIET_MS, max_wait_ms: 0, last_generation: other });
      assert.equal(status, 200, `generation ${other}, now ${seen}`);
    }
    for (const timeoutMs of [0, QUIET_MS]) {
      const { status } = await session.idle({ timeout_ms: timeoutMs, max_wait_ms: 0, last_generation: seen });
      assert.equal(status, 408, `silence of ${timeoutMs} ms`);
    }
    const asked = () => ({ waiting: session.idle({ timeout_ms: QUIET_MS, last_generation: seen }) });
    const { waiting } = await inPlace(1, asked);
    await session.say("news\\n");
    const { json } = await waiting;
    assert.ok(json.generation >= seen + 2, `from ${seen} to ${json.generation}`);
    assert.ok(json.last_activity_ms >= QUIET_MS);
    assert.match(JSON.stringify(json.screen.lines), /news/);
    await session.kill();
  });

  it("when fresh takes its time from now on, whatever was seen before", async () => {
    const session = await Told.start();
    const seen = await session.settled();
    const query = { timeout_ms: QUIET_MS, fresh: true, last_generation: seen };
    assert.equal((await session.idle({ ...query, max_wait_ms: 0 })).status, 408);
    const { status, json } = await session.idle(query);
    assert.deepEqual([status, json.generation], [200, seen]);
    await session.kill();
  });

  it("ends with the session, and has its last screen", async () => {
    const session = await Told.start();
    const { waiting } = await inPlace(1, () => ({ waiting: session.idle({ timeout_ms: NEVER_MS, format: "plain" }) }));
    await session.said("last words");
    await session.say("exit 4");
    const { status, json } = await waiting;
    assert.deepEqual([status, json.state, json.exit], [200, "exited", { code: 4 }]);
    assert.deepEqual(json.screen.lines.slice(0, 2), ["ready", "last words"]);
  });
});

describe("many waits on one session", () => {
  it("200 at once each end with what they waited for", async () => {
    const session = await Told.start();
    const numbers = Array.from({ length: 200 }, (_, at) => at);
    const { waiting } = await inPlace(numbers.length, () => ({
      waiting: numbers.map((number) => session.wait({ until: onOutput(`^<${number}>$`) })),
    }));
    await session.say(numbers.map((number) => `<${number}>\\n`).join(""));
    const answers = await Promise.all(waiting);
    assert.deepEqual(
      answers.map(({ match }) => match?.text),
      numbers.map((number) => `<${number}>`),
    );
    await session.kill();
  });

  it("all end when the session is killed, and say that it has ended", async () => {
    const session = await Told.start();
    const { waits, idle } = await inPlace(5, () => ({
      waits: [
        session.wait({ until: { exit: true } }),
        session.wait({ until: onOutput("never") }),
        session.wait({ until: onScreen("never") }),
        session.wait({ until: { idle: { timeout_ms: NEVER_MS } } }),
      ],
      idle: session.idle({ timeout_ms: NEVER_MS }),
    }));
    await session.kill();
    for (const { reason, confidence, exit, exit_code: code } of await Promise.all(waits)) {
      assert.deepEqual([reason, confidence, exit, code], ["exit", "exact", { signal: "SIGKILL" }, null]);
    }
    const { status, json } = await idle;
    assert.deepEqual([status, json.state, json.exit], [200, "exited", { signal: "SIGKILL" }]);
  });

  it("leave nothing in the session host when their callers have gone", async () => {
    const session = await Told.start();
    const gone = new AbortController();
    const { asked } = await inPlace(150, () => ({
      asked: Array.from({ length: 50 }, () => [
        session.wait({ until: onOutput("never"), max_wait_ms: NEVER_MS }, gone),
        session.wait({ until: { ...onScreen("never"), idle: { timeout_ms: NEVER_MS } }, max_wait_ms: NEVER_MS }, gone),
        session.idle({ timeout_ms: NEVER_MS, max_wait_ms: NEVER_MS }, gone),
      ]).flat(),
    }));
    gone.abort();
    const ends = await Promise.allSettled(asked);
    assert.deepEqual(new Set(ends.map(({ status }) => status)), new Set(["rejected"]));
    await nothingWaits();
    // Whoever was still held would look again now, and set a timer for the next look.
    await session.said("activity");
    await nothingWaits();
    await session.kill();
  });
});
