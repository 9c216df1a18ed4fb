import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Exit } from "@fleetty/protocol/schemas/common";
import { Ring } from "@fleetty/protocol/stream/ring";
import fc from "fast-check";
import { Echoes } from "../attention/echoes.ts";
import type { AttentionWord } from "../attention/verdict.ts";
import { PAUSE_MS } from "./output-watch.ts";
import { SCREEN_EVERY_MS } from "./screen-watch.ts";
import {
  type EndedCommand,
  SessionWait,
  type WaitOutcome,
  type WaitQuery,
  type WaitSubject,
  type WatchedAttention,
  type WatchedCommands,
} from "./wait.ts";

/** A session on a clock of its own, and the calls that wait on it as its owner serves them. */
class Fake implements WaitSubject {
  nowMs = 1000;
  generation = 0;
  lastActivityAtMs = 0;
  exit: Exit | null = null;
  screen: string[] = [];
  /** What it wants: since which generation, and as which of its changes. */
  wants: { attention: AttentionWord; generation: number; number: number } = {
    attention: "working",
    generation: 0,
    number: 1,
  };
  commandsEnded: { id: string; exit_code: number; to: number }[] = [];
  rowsRead = 0;
  readonly ring: Ring;

  constructor(ringBytes = 1024 * 1024) {
    this.ring = new Ring(ringBytes);
  }

  readonly echoes = new Echoes();
  readonly isOfCommand = () => false;

  get attention(): WatchedAttention {
    const { wants, generation: now } = this;
    const current = { ...wants, confidence: "strong" } as const;
    return {
      current,
      hasBeen: (word, { generation, seq }) => {
        const isSince = seq === undefined ? wants.generation > generation || now === generation : wants.number > seq;
        return wants.attention === word && isSince ? current : null;
      },
    };
  }

  readonly commands: WatchedCommands = {
    endedSince: (offset) => this.#told(this.commandsEnded.find(({ to }) => to >= offset)),
    ended: (id) => {
      if (id === "cmd_unknown") throw new FleettyError("command_not_found", "not here");
      return this.#told(this.commandsEnded.find((one) => one.id === id));
    },
  };

  #told(ended: { id: string; exit_code: number } | undefined): EndedCommand | null {
    return ended ? { id: ended.id, exit_code: ended.exit_code, confidence: "exact" } : null;
  }

  wish(attention: AttentionWord): void {
    this.wants = { attention, generation: this.generation, number: this.wants.number + 1 };
  }

  rows(): readonly string[] {
    this.rowsRead += 1;
    return this.screen;
  }

  print(text: string): void {
    this.ring.append(Buffer.from(text));
    this.happened();
  }

  happened(): void {
    this.generation += 1;
    this.lastActivityAtMs = this.nowMs;
  }

  wait(query: WaitQuery): Waiting {
    return new Waiting(this, new SessionWait(this, query, this.nowMs));
  }
}

class Waiting {
  readonly #fake: Fake;
  readonly #wait: SessionWait;

  constructor(fake: Fake, wait: SessionWait) {
    this.#fake = fake;
    this.#wait = wait;
  }

  /** Looks until the wait is decided, or has to wait for time or happenings: then says until when. */
  look(): WaitOutcome | number {
    for (;;) {
      const verdict = this.#wait.look(this.#fake.nowMs);
      if (verdict.is === "decided") return verdict.outcome;
      assert.ok(verdict.lookAtMs >= this.#fake.nowMs, "looks forward");
      if (verdict.lookAtMs > this.#fake.nowMs) return verdict.lookAtMs;
    }
  }

  /** Lets time pass, with nothing happening, until the wait is decided. */
  outcome(): WaitOutcome {
    for (let result = this.look(); ; result = this.look()) {
      if (typeof result !== "number") return result;
      this.#fake.nowMs = result;
    }
  }

  reason(): string {
    return this.outcome().reason;
  }
}

const pattern = (regex: string, on: "output" | "screen" = "output") => ({ regex, on });
const START = { generation: 0, offset: 0 };

describe("wait until exit", () => {
  it("is the default, and tells the exit code exactly", () => {
    const fake = new Fake();
    const waiting = fake.wait({});
    assert.equal(waiting.look(), 31_000);
    fake.exit = { code: 3 };
    assert.deepEqual(waiting.outcome(), {
      reason: "exit",
      confidence: "exact",
      timed_out: false,
      attention: "working",
      attention_seq: 1,
      exit: { code: 3 },
      exit_code: 3,
    });
  });

  it("holds also if the end came before the position", () => {
    const fake = new Fake();
    fake.exit = { signal: "SIGKILL" };
    const { reason, exit_code, exit } = fake.wait({ until: { exit: true }, max_wait_ms: 0 }).outcome();
    assert.deepEqual([reason, exit_code, exit], ["exit", null, { signal: "SIGKILL" }]);
  });

  it("of a session whose status was lost is strong only", () => {
    const fake = new Fake();
    fake.exit = { unknown: true };
    const { confidence, exit_code } = fake.wait({}).outcome();
    assert.deepEqual([confidence, exit_code], ["strong", null]);
  });

  it("comes before a pattern and before quiet, when all are true", () => {
    const fake = new Fake();
    fake.print("ready\n");
    fake.exit = { code: 0 };
    const until = { exit: true, pattern: pattern("ready"), idle: { timeout_ms: 0 } } as const;
    assert.equal(fake.wait({ until, since: START }).reason(), "exit");
  });

  it("ends every wait: when nobody asked for it, after what the last output says", () => {
    const fake = new Fake();
    fake.print("last words");
    const [matching, other] = ["words$", "never"].map((regex) =>
      fake.wait({ until: { pattern: pattern(regex) }, since: START }),
    );
    assert.equal(typeof matching?.look(), "number");
    fake.exit = { code: 0 };
    assert.equal(matching?.reason(), "pattern");
    assert.equal(other?.reason(), "exit");
  });
});

describe("wait until a pattern", () => {
  it("finds what was printed between the position and the call", () => {
    const fake = new Fake();
    fake.print("old BUILD SUCCESS\n");
    const since = { generation: fake.generation, offset: fake.ring.end };
    fake.print("new BUILD FAILURE in 3 s\n");
    assert.deepEqual(fake.wait({ until: { pattern: pattern("BUILD (\\w+)") }, since, max_wait_ms: 0 }).outcome(), {
      reason: "pattern",
      confidence: "heuristic",
      timed_out: false,
      attention: "working",
      attention_seq: 1,
      exit: null,
      match: { pattern: 0, text: "BUILD FAILURE", groups: ["FAILURE"], from: 22, to: 35 },
    });
  });

  it("without a position looks at what comes after the call only", () => {
    const fake = new Fake();
    fake.print("match\n");
    const waiting = fake.wait({ until: { pattern: pattern("match") } });
    assert.equal(waiting.look(), 1000 + PAUSE_MS);
    fake.print("another match\n");
    assert.equal(waiting.reason(), "pattern");
  });

  it("with a generation alone looks at what comes after the call", () => {
    const fake = new Fake();
    fake.print("match\n");
    assert.equal(fake.wait({ until: { pattern: pattern("match") }, since: { generation: 0 } }).reason(), "timeout");
  });

  it("after a position that is not reached yet passes over what comes before it", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { pattern: pattern("b+") }, since: { offset: 4 } });
    fake.print("bb");
    assert.equal(typeof waiting.look(), "number");
    fake.print("bbbbb\n");
    const { match } = waiting.outcome();
    assert.deepEqual([match?.text, match && "from" in match && match.from], ["bbb", 4]);
  });

  it("held against the end of an unfinished line waits for a pause of the program", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { pattern: pattern("\\$ $") } });
    fake.nowMs = 1500;
    fake.print("host:~$ ");
    assert.equal(waiting.look(), 1500 + PAUSE_MS);
    fake.nowMs = 1510;
    fake.print("\b\b");
    fake.print(" $ ");
    assert.equal(waiting.look(), 1510 + PAUSE_MS);
    assert.equal(waiting.reason(), "pattern");
    assert.equal(fake.nowMs, 1510 + PAUSE_MS);
  });

  it("finds the prompt that already stands there, at once after a pause, and when it may look only once", () => {
    const fake = new Fake();
    fake.nowMs = 5000;
    fake.print("host:~$ ");
    const until = { pattern: pattern("\\$ $") };
    assert.equal(fake.wait({ until, since: START, max_wait_ms: 0 }).reason(), "pattern");
    fake.nowMs += PAUSE_MS;
    assert.notEqual(typeof fake.wait({ until, since: START }).look(), "number");
  });

  it("declares output that was gone before the call, and looks at the rest", () => {
    const fake = new Fake(100);
    fake.print(`match\n${"x".repeat(200)}\nmatch 2\n`);
    const { match, gap } = fake.wait({ until: { pattern: pattern("match.*") }, since: { offset: 2 } }).outcome();
    assert.equal(match?.text, "match 2");
    assert.deepEqual(gap, { from: 2, to: fake.ring.oldest, reason: "expired" });
  });

  it("declares a gap with a timeout too, and none when output is not looked at", () => {
    const fake = new Fake(10);
    fake.print("x".repeat(50));
    const query = { since: { offset: 0 }, max_wait_ms: 0 };
    const gapOf = (until: WaitQuery["until"]) => fake.wait({ ...query, until }).outcome().gap;
    assert.deepEqual(gapOf({ pattern: pattern("y") }), { from: 0, to: 40, reason: "expired" });
    assert.equal(gapOf({ idle: { timeout_ms: 60_000 } }), undefined);
  });

  it("does not join what was printed before a gap with what comes after it", () => {
    const fake = new Fake(64);
    const waiting = fake.wait({ until: { pattern: pattern("ab+") } });
    fake.print("a");
    waiting.look();
    fake.print("b".repeat(200));
    assert.equal(waiting.reason(), "timeout");
  });

  it("goes through much output in slices, and decides nothing by time before it has seen it all", () => {
    const fake = new Fake();
    fake.print("x\n".repeat(100_000));
    fake.print("the end\n");
    fake.nowMs = 90_000;
    const until = { pattern: pattern("the end"), idle: { timeout_ms: 1000 } };
    const wait = new SessionWait(fake, { until, since: START, max_wait_ms: 0 }, fake.nowMs);
    let looks = 1;
    let verdict = wait.look(fake.nowMs);
    for (; verdict.is === "waiting"; looks += 1) {
      assert.equal(verdict.lookAtMs, fake.nowMs);
      verdict = wait.look(fake.nowMs);
    }
    assert.equal(verdict.outcome.reason, "pattern");
    assert.ok(looks > 2, `${looks} looks`);
  });

  it("names the place of the pattern in the request, whichever kind it is of", () => {
    const fake = new Fake();
    fake.screen = ["menu"];
    fake.print("printed\n");
    const both = [pattern("printed"), pattern("menu", "screen")];
    const found = (patterns: typeof both) =>
      fake.wait({ until: { pattern: patterns }, since: START, max_wait_ms: 0 }).outcome().match;
    assert.deepEqual([found(both)?.pattern, found(both)?.text], [0, "printed"]);
    assert.deepEqual([found(both.toReversed())?.pattern, found(both.toReversed())?.text], [0, "menu"]);
    assert.equal(found([pattern("nothing"), pattern("menu", "screen")])?.pattern, 1);
  });

  it("is refused when it is no pattern", () => {
    const isRefusal = (error: unknown) => error instanceof FleettyError && error.code === "invalid_pattern";
    assert.throws(() => new Fake().wait({ until: { pattern: pattern("(") } }), isRefusal);
  });
});

describe("wait until a pattern on the screen", () => {
  it("finds what is there now, whatever the position", () => {
    const fake = new Fake();
    fake.screen = ["", "  > Yes"];
    const since = { generation: 99, offset: 99 };
    const { match, confidence } = fake.wait({ until: { pattern: pattern("> (\\w+)", "screen") }, since }).outcome();
    assert.deepEqual(match, { pattern: 0, text: "> Yes", groups: ["Yes"], row: 1, col: 2 });
    assert.equal(confidence, "heuristic");
  });

  it("finds what comes a moment later a moment later", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { pattern: pattern("ready", "screen") } });
    waiting.look();
    fake.screen = ["ready"];
    fake.print("ready");
    assert.equal(waiting.reason(), "pattern");
    assert.equal(fake.nowMs, 1001);
  });

  it("reads the screen of a flood ever less often, and one that comes after calm as the first", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { pattern: pattern("ready", "screen") } });
    const readAtMs = () => {
      const before = fake.rowsRead;
      for (; fake.rowsRead === before; fake.nowMs += 1) {
        fake.print("noise");
        waiting.look();
      }
      return fake.nowMs - 1;
    };
    const flooded = Array.from({ length: 9 }, readAtMs);
    assert.deepEqual(flooded, [1000, 1001, 1003, 1007, 1015, 1031, 1063, 1113, 1163]);
    fake.nowMs += 3 * SCREEN_EVERY_MS;
    const calmAtMs = fake.nowMs;
    assert.deepEqual([readAtMs(), readAtMs()], [calmAtMs, calmAtMs + 1]);
    fake.screen = ["ready"];
    assert.equal(waiting.reason(), "pattern");
  });

  it("looks a last time when the deadline comes", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { pattern: pattern("ready", "screen") }, max_wait_ms: 10 });
    waiting.look();
    fake.screen = ["ready"];
    fake.nowMs += 10;
    assert.equal(waiting.reason(), "pattern");
  });
});

describe("wait until idle", () => {
  const until = { idle: { timeout_ms: 500 } };

  it("counts quiet from arrival without a position, or with an offset alone", () => {
    for (const since of [undefined, { offset: 0 }]) {
      const fake = new Fake();
      const { reason, confidence } = fake.wait({ until, ...(since && { since }) }).outcome();
      assert.deepEqual([reason, confidence, fake.nowMs], ["idle", "heuristic", 1500]);
    }
  });

  it("counts the quiet since a position that was reached, so one that is over is told at once", () => {
    const fake = new Fake();
    fake.lastActivityAtMs = 600;
    assert.equal(fake.wait({ until, since: { generation: 0 } }).reason(), "idle");
    assert.equal(fake.nowMs, 1100);
  });

  it("counts from arrival after a generation that is not reached", () => {
    const fake = new Fake();
    assert.equal(fake.wait({ until, since: { generation: 5 } }).reason(), "idle");
    assert.equal(fake.nowMs, 1500);
  });

  it("begins anew with each activity", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until });
    fake.nowMs = 1400;
    fake.happened();
    assert.equal(waiting.look(), 1900);
    assert.equal(waiting.reason(), "idle");
  });

  it("comes after a pattern that is true as well", () => {
    const fake = new Fake();
    fake.print("done\n");
    fake.nowMs = 9000;
    const both = { pattern: pattern("done"), idle: { timeout_ms: 500 } };
    assert.equal(fake.wait({ until: both, since: START }).reason(), "pattern");
  });
});

describe("wait at its limit", () => {
  it("is no error: it says so, with no confidence", () => {
    const fake = new Fake();
    assert.deepEqual(fake.wait({ max_wait_ms: 200 }).outcome(), {
      reason: "timeout",
      confidence: null,
      timed_out: true,
      attention: "working",
      attention_seq: 1,
      exit: null,
    });
    assert.equal(fake.nowMs, 1200);
  });

  it("defaults to 30 s, is cut to 300 s, and 0 looks once", () => {
    const endOf = (max_wait_ms?: number) => {
      const fake = new Fake();
      fake.wait(max_wait_ms === undefined ? {} : { max_wait_ms }).outcome();
      return fake.nowMs;
    };
    assert.deepEqual([endOf(), endOf(1e9), endOf(0)], [31_000, 301_000, 1000]);
  });

  it("is decided by what was printed until then, however late the look", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { pattern: pattern("x") }, max_wait_ms: 10 });
    fake.nowMs += 10;
    fake.print("y".repeat(300_000));
    const wait = waiting.look();
    assert.ok(typeof wait !== "number" && wait.reason === "timeout");
  });

  it("does not count what is printed while it goes through what was there", () => {
    const fake = new Fake();
    fake.print("y".repeat(200_000));
    const wait = new SessionWait(fake, { until: { pattern: pattern("x") }, since: START, max_wait_ms: 0 }, fake.nowMs);
    assert.equal(wait.look(fake.nowMs).is, "waiting");
    fake.print("x");
    let verdict = wait.look(fake.nowMs);
    while (verdict.is === "waiting") verdict = wait.look(fake.nowMs);
    assert.equal(verdict.outcome.reason, "timeout");
  });

  it("a quiet that would be complete only after the limit is a timeout, also when looked at late", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { idle: { timeout_ms: 500 } }, max_wait_ms: 300 });
    fake.nowMs = 5000;
    assert.equal(waiting.reason(), "timeout");
  });
});

describe("wait laws", () => {
  it("how output is cut, and how often is looked, make no difference to a match", () => {
    const tokens = fc.array(fc.constantFrom("ok", " ", "fail", "\r\n", "\r", "\b", "1", "23", "\x1b[K"), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(tokens, fc.array(fc.nat(5)), (printed, sizes) => {
        const outcomeOf = (pieces: readonly number[]) => {
          const fake = new Fake();
          const until = { pattern: [pattern("ok\\d+"), pattern("^fail"), pattern("23$")] };
          const waiting = fake.wait({ until, since: START, max_wait_ms: 20 });
          let rest = printed.join("");
          for (const size of pieces) {
            if (size > 0) fake.print(rest.slice(0, size));
            rest = rest.slice(size);
            const result = waiting.look();
            if (typeof result !== "number") return result;
          }
          fake.print(rest);
          return waiting.outcome();
        };
        assert.deepEqual(outcomeOf(sizes), outcomeOf([]));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a wait for what a session wants", () => {
  const asks: WaitQuery = { until: { attention: ["needs_input", "ready"] } };

  it("ends at once where it is wanted here and now, and says how sure that is", () => {
    const fake = new Fake();
    fake.wish("needs_input");
    const outcome = fake.wait(asks).look();
    assert.partialDeepStrictEqual(outcome, {
      reason: "needs_input",
      confidence: "strong",
      timed_out: false,
      attention: "needs_input",
      attention_seq: 2,
    });
  });

  it("does not take what was wanted before the position for an answer", () => {
    const fake = new Fake();
    fake.wish("ready");
    const waiting = fake.wait({ ...asks, since: { generation: 0, offset: 0 } });
    fake.happened();
    fake.wants = { ...fake.wants, attention: "working" };
    assert.equal(typeof waiting.look(), "number");
    fake.wish("ready");
    assert.partialDeepStrictEqual(waiting.look(), { reason: "ready" });
  });

  it("tells a change once to whoever says which it knows", () => {
    const fake = new Fake();
    fake.happened();
    fake.wish("needs_input");
    const since = { generation: 0, offset: 0, attention_seq: fake.wants.number };
    const waiting = fake.wait({ ...asks, since });
    fake.happened();
    assert.equal(typeof waiting.look(), "number");
    fake.wish("ready");
    assert.partialDeepStrictEqual(waiting.look(), { reason: "ready", attention_seq: 3 });
  });

  it("passes by what it was not asked for, and says at its deadline what is wanted then", () => {
    const fake = new Fake();
    fake.wish("needs_secret");
    const waiting = fake.wait({ ...asks, max_wait_ms: 10 });
    assert.equal(typeof waiting.look(), "number");
    fake.nowMs += 10;
    assert.partialDeepStrictEqual(waiting.look(), { reason: "timeout", timed_out: true, attention: "needs_secret" });
  });
});

describe("a wait for a command", () => {
  it("ends with the first that ended at its position or later", () => {
    const fake = new Fake();
    fake.print("0123456789");
    fake.commandsEnded = [
      { id: "cmd_before", exit_code: 1, to: 4 },
      { id: "cmd_after", exit_code: 7, to: 9 },
    ];
    const outcome = fake.wait({ until: { command: true }, since: { offset: 5 } }).look();
    assert.partialDeepStrictEqual(outcome, {
      reason: "command",
      command: "cmd_after",
      exit_code: 7,
      confidence: "exact",
    });
    assert.equal(typeof fake.wait({ until: { command: true } }).look(), "number");
  });

  it("ends with the one that it names, whenever that ended, and is refused for one that nobody knows", () => {
    const fake = new Fake();
    const waiting = fake.wait({ until: { command: "cmd_mine" }, since: { offset: 100 } });
    assert.equal(typeof waiting.look(), "number");
    fake.commandsEnded = [{ id: "cmd_mine", exit_code: 0, to: 1 }];
    assert.partialDeepStrictEqual(waiting.look(), { reason: "command", command: "cmd_mine", exit_code: 0 });
    assert.throws(() => fake.wait({ until: { command: "cmd_unknown" } }).look(), { code: "command_not_found" });
  });
});

describe("a wait for several things", () => {
  it("tells the first in order: end, command, what is asked of somebody, pattern, what is over, quiet", () => {
    const all: WaitQuery = {
      until: {
        exit: true,
        command: true,
        attention: ["needs_secret", "needs_input", "ready", "done"],
        pattern: { regex: "x", on: "output" },
        idle: { timeout_ms: 0 },
      },
      since: { generation: 0, offset: 0 },
    };
    const fake = new Fake();
    fake.print("x");
    const told: string[] = [];
    const look = () => told.push((fake.wait(all).look() as WaitOutcome).reason);
    fake.wish("ready");
    look();
    fake.wish("needs_input");
    look();
    fake.wish("needs_secret");
    look();
    fake.commandsEnded = [{ id: "cmd_a", exit_code: 0, to: 1 }];
    look();
    fake.exit = { code: 0 };
    look();
    assert.deepEqual(told, ["pattern", "needs_input", "needs_secret", "command", "exit"]);
  });

  it("waits, when nothing is said, for whatever whoever typed something would want to hear of", () => {
    const fake = new Fake();
    const waiting = fake.wait({});
    assert.equal(typeof waiting.look(), "number");
    fake.happened();
    fake.wish("needs_secret");
    assert.partialDeepStrictEqual(waiting.look(), { reason: "needs_secret" });
  });
});

describe("a wait for a pattern where somebody types", () => {
  const waitFor = (fake: Fake) => fake.wait({ until: { pattern: pattern("DONE") }, since: START, max_wait_ms: 60_000 });

  it("does not take the echo of a command for what it prints", () => {
    const fake = new Fake();
    fake.print("$ ");
    fake.echoes.begin(2);
    const waiting = waitFor(fake);
    fake.print("make && echo DONE\r\n");
    fake.nowMs += 10 * PAUSE_MS;
    assert.equal(typeof waiting.look(), "number");
    fake.echoes.end(21);
    fake.print("compiling\r\n");
    assert.equal(typeof waiting.look(), "number");
    fake.print("DONE\r\n");
    const { match } = waiting.outcome();
    assert.deepEqual(match && "from" in match && match.from, 32);
  });

  it("sees what was printed before the line was begun, and after it was given up", () => {
    const fake = new Fake();
    fake.print("$ DONE in the background\r\n");
    fake.echoes.begin(26);
    assert.equal(waitFor(fake).reason(), "pattern");
    const other = new Fake();
    other.echoes.begin(0);
    other.print("DON^C\r\n");
    other.echoes.end(7);
    other.print("$ DONE\r\n");
    assert.equal(waitFor(other).reason(), "pattern");
  });

  it("says at its end that it was in vain, also while a line is being typed", () => {
    const fake = new Fake();
    fake.echoes.begin(0);
    fake.print("echo DONE");
    const waiting = waitFor(fake);
    assert.equal(typeof waiting.look(), "number");
    fake.nowMs += 60_000;
    assert.equal((waiting.look() as WaitOutcome).reason, "timeout");
  });
});
