// What marks make of a session's commands: each event in each state, and the stories that shells tell by them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CommandState, Commands } from "./commands.ts";
import type { Mark } from "./mark.ts";

/** Marks by their letters; `yes`: the kernel agrees; `gone`: the shell is no more. */
type Event = "A" | "B" | "C" | "D" | "P" | "yes" | "gone";

const KINDS: Readonly<Record<string, Mark["kind"]>> = {
  A: "prompt",
  B: "input",
  C: "command",
  D: "end",
  P: "continuation",
};

class Told {
  readonly commands: Commands;
  ended: { from: number; to: number; exit_code: number | null }[] = [];
  /** Where the output of those begins that were told to have begun. */
  begun: number[] = [];
  /** One byte per mark, one millisecond per event. */
  at = 0;

  constructor(hasCommandMarks = true) {
    this.commands = new Commands({ hasCommandMarks });
  }

  do(...events: readonly Event[]): this {
    for (const event of events) this.#do(event);
    return this;
  }

  mark(kind: Mark["kind"], more: Partial<Mark> = {}): this {
    this.commands.mark({ kind, from: this.at, to: this.at + 1, ...more }, this.at);
    this.at += 1;
    return this;
  }

  print(text: string): this {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      const line = bytes.subarray(at, bytes.indexOf(10, at) + 1 || bytes.length);
      this.commands.printed(line, this.at + at, this.at + at);
      at += line.length;
    }
    this.at += bytes.length;
    return this;
  }

  #do(event: Event): void {
    const kind = KINDS[event];
    if (kind) this.mark(kind, kind === "end" ? { exitCode: this.at } : {});
    if (event === "yes") this.commands.agree();
    if (event === "gone") this.commands.forget(this.at, this.at);
    const news = this.commands.takeNews();
    this.begun.push(...news.flatMap((one) => (one.phase === "started" ? [one.from] : [])));
    const ended = news.flatMap((one) => (one.phase === "ended" ? [one.command] : []));
    this.ended.push(...ended.map(({ from, to, exit_code }) => ({ from, to, exit_code })));
  }
}

describe("each event in each state", () => {
  const ways: Record<CommandState, readonly Event[]> = {
    none: [],
    at_prompt: ["A", "B"],
    command: ["A", "B", "C"],
    pending_end: ["A", "B", "C", "D"],
    continuation: ["A", "B", "P"],
  };
  const table: Record<CommandState, Record<Event, CommandState>> = {
    none: { A: "none", B: "at_prompt", C: "command", D: "none", P: "continuation", yes: "none", gone: "none" },
    at_prompt: {
      ...{ A: "at_prompt", B: "at_prompt", C: "command", D: "at_prompt", P: "continuation" },
      ...{ yes: "at_prompt", gone: "none" },
    },
    command: { A: "command", B: "command", C: "command", D: "pending_end", P: "command", yes: "command", gone: "none" },
    pending_end: {
      ...{ A: "pending_end", B: "pending_end", C: "command", D: "pending_end", P: "pending_end" },
      ...{ yes: "pending_end", gone: "none" },
    },
    continuation: {
      ...{ A: "continuation", B: "at_prompt", C: "command", D: "continuation", P: "continuation" },
      ...{ yes: "continuation", gone: "none" },
    },
  };
  for (const [state, row] of Object.entries(table) as [CommandState, Record<Event, CommandState>][]) {
    it(`leads from ${state} where it should`, () => {
      for (const [event, next] of Object.entries(row) as [Event, CommandState][]) {
        const told = new Told().do(...ways[state]);
        assert.equal(told.commands.state, state);
        assert.equal(told.do(event).commands.state, next, event);
      }
    });
  }
});

describe("the beginning of a command", () => {
  it("is told after the end of the one before", () => {
    const commands = new Commands({ hasCommandMarks: true });
    for (const [at, kind] of (["input", "command", "end", "input", "command"] as const).entries())
      commands.mark({ kind, from: at, to: at + 1 }, at);
    assert.deepEqual(
      commands.takeNews().map(({ phase }) => phase),
      ["started", "ended", "started"],
    );
  });

  it("is told once of a line that turns out to be unfinished", () => {
    const told = new Told(false).do("A", "B").print("ls\n");
    told.do("P").print("rest\n").do("D", "A", "B", "yes");
    assert.deepEqual([told.begun.length, told.ended.length], [1, 1]);
  });
});

describe("the end of a command", () => {
  it("is believed once its prompt is whole and the kernel agrees", () => {
    const told = new Told().do("A", "B", "C", "D", "yes", "A", "yes");
    assert.deepEqual([told.ended, told.commands.awaitsAgreement, told.commands.state], [[], false, "pending_end"]);
    told.do("B");
    assert.ok(told.commands.awaitsAgreement && told.commands.open);
    told.do("yes", "yes");
    assert.deepEqual([told.ended, told.commands.state], [[{ from: 3, to: 3, exit_code: 3 }], "at_prompt"]);
    assert.equal(told.commands.open, null);
  });

  it("was false when a command mark comes before a prompt is whole: the same command goes on", () => {
    const told = new Told().do("A", "B", "C");
    const id = told.commands.open?.id;
    told.do("D", "A", "C");
    assert.deepEqual([told.commands.open?.id, told.commands.open?.from], [id, 3]);
    assert.deepEqual(told.do("yes", "D", "A", "B", "yes").ended, [{ from: 3, to: 6, exit_code: 6 }]);
  });

  it("is true when the next command begins behind a whole prompt: it was typed before that was there", () => {
    const told = new Told().do("A", "B", "C");
    const id = told.commands.open?.id;
    told.do("D", "A", "B", "C");
    assert.deepEqual(told.ended, [{ from: 3, to: 3, exit_code: 3 }]);
    assert.deepEqual([told.commands.open?.from, told.commands.open?.id === id], [7, false]);
    assert.deepEqual(told.do("D", "A", "B", "yes").ended[1], { from: 7, to: 7, exit_code: 7 });
  });

  it("is the last one that came", () => {
    assert.deepEqual(new Told().do("B", "C", "D", "A", "B", "D", "A", "B", "yes").ended, [
      { from: 2, to: 5, exit_code: 5 },
    ]);
  });

  it("is none without a begin", () => {
    assert.deepEqual(new Told().do("D", "A", "B", "yes", "D", "A", "B", "yes").ended, []);
    assert.deepEqual(new Told().do("A", "B", "P", "D", "A", "B", "yes").ended, []);
  });

  it("is unknown when the shell is gone, but for what it said last", () => {
    assert.deepEqual(new Told().do("B", "C", "gone", "gone").ended, [{ from: 2, to: 2, exit_code: null }]);
    assert.deepEqual(new Told().do("B", "C", "D", "A", "gone").ended, [{ from: 2, to: 2, exit_code: 2 }]);
    assert.deepEqual(new Told().do("A", "B", "gone", "B", "C", "D", "B", "yes").ended.length, 1);
  });

  it("has the times and the folder of the command", () => {
    const told = new Told().mark("prompt", { cwd: "/a" }).do("B").mark("command", { text: "cd /b" });
    told.at += 100;
    told.do("D").mark("prompt", { cwd: "/b" }).do("B", "yes");
    const { id, ...rest } = told.commands.last ?? assert.fail();
    assert.match(id, /^cmd_/);
    assert.deepEqual(rest, { text: "cd /b", from: 3, to: 103, exit_code: 103, duration_ms: 101, cwd: "/b" });
    assert.equal(told.commands.cwd, "/b");
    assert.equal(told.do("A").commands.cwd, null, "a prompt that names no folder");
  });
});

describe("commands that have ended", () => {
  it("are found by id and offset, the last thousand of them", () => {
    const told = new Told();
    for (let count = 0; count < 1005; count += 1) told.do("A", "B", "C", "D", "yes", "B", "yes");
    const all = told.commands.endedAfter(0);
    assert.equal(all.length, 1000);
    const [first, second] = all.map(({ to }) => to) as [number, number];
    assert.equal(told.commands.endedAfter(first).length, 1000);
    assert.equal(told.commands.endedAfter(first + 1)[0]?.to, second);
    assert.deepEqual(told.commands.last, all[999]);
    assert.deepEqual(told.commands.get(all[0]?.id as string), all[0]);
    assert.equal(told.commands.get("cmd_of_before"), null);
  });

  it("have the id that whoever typed them said, once", () => {
    const { commands } = new Told().do("A", "B");
    commands.expect("cmd_expected", "make");
    const mark = (kind: Mark["kind"], at: number, text?: string) =>
      commands.mark({ kind, from: at, to: at + 1, ...(text === undefined ? {} : { text }) }, at);
    for (const at of [0, 10]) {
      mark("command", at);
      mark("end", at + 2);
      mark("input", at + 4);
      commands.agree();
    }
    const [first, second] = commands.endedAfter(0);
    assert.deepEqual([first?.id, first?.text, second?.text], ["cmd_expected", "make", null]);
    assert.notEqual(second?.id, "cmd_expected");
    commands.expect("cmd_other");
    commands.expect(null);
    mark("command", 20);
    assert.notEqual(commands.open?.id, "cmd_other");
  });
});

describe("a shell without command marks", () => {
  const prompted = () => new Told(false).do("D", "A", "B");

  it("begins a command after a line with something on it", () => {
    const told = prompted().print("ec").print("ho\r\n");
    assert.equal(told.commands.state, "command");
    const from = told.at;
    told.print("out\r\n").do("D", "A", "B", "yes");
    assert.deepEqual(told.ended, [{ from, to: from + 5, exit_code: from + 5 }]);
  });

  it("begins none after Enter on an empty line, also one that was erased, nor after Ctrl-C", () => {
    for (const line of [
      "\r\n",
      "   \r\n",
      "ab\b \b\b \b\r\n",
      "\x1b[6n\r\n",
      "ab\b\b\x1b[J\r\n",
      "ab\x1b[2D\x1b[K\r\n",
      "^C\r\n",
      "sleep 9^C\r\n",
    ]) {
      const told = prompted().print(line).do("D", "A", "B", "yes");
      assert.deepEqual([told.ended, told.commands.state], [[], "at_prompt"], JSON.stringify(line));
    }
    for (const line of ["a\b \bb\r\n", "ab\b\x1b[J\r\n", "\x1b[5Cx\r\n", "ü\r\n"]) {
      assert.equal(prompted().print(line).commands.state, "command", JSON.stringify(line));
    }
    assert.equal(prompted().print("\r\nls\r\n").commands.state, "command");
  });

  it("begins it after the last line, when there are several", () => {
    const told = prompted();
    told.commands.expect("cmd_expected");
    told.print("for x in 1\r\n").do("P");
    assert.deepEqual([told.commands.state, told.commands.open], ["continuation", null]);
    told.print("do echo\r\n").do("P").print("\r\n").do("P").print("done\r\n");
    const from = told.at;
    assert.deepEqual([told.commands.open?.id, told.commands.open?.from], ["cmd_expected", from]);
    assert.deepEqual(told.do("D", "A", "B", "yes").ended, [{ from, to: from, exit_code: from }]);
  });

  it("begins it after the last line, also when that was typed ahead", () => {
    const told = prompted().print("for x in 1\r\ndo echo\r\ndone\r\n").do("P", "P");
    const from = told.at;
    assert.equal(told.commands.state, "command");
    assert.deepEqual(told.print("out\r\n").do("D", "A", "B", "yes").ended, [
      { from, to: from + 5, exit_code: from + 5 },
    ]);
  });

  it("gives an unfinished command up with Ctrl-C, and its id with it", () => {
    const given = prompted();
    given.commands.expect("cmd_given_up");
    given.print("echo '\r\n").do("P").print("^C\r\n").do("D", "A", "B").print("ls\r\n");
    assert.notEqual(given.commands.open?.id ?? "cmd_given_up", "cmd_given_up");
    assert.deepEqual(prompted().print("echo '\r\n").do("P").print("x^C\r\n").do("D", "A", "B", "yes").ended, []);
  });

  it("is believed to have them when one comes", () => {
    const told = prompted().print("ls\r\n").do("C");
    assert.equal(told.commands.open?.from, told.at);
    assert.equal(told.do("D", "A", "B", "yes").print("ls\r\n").commands.state, "at_prompt");
  });
});
