// Every rule of the table with what lies on both sides of it, and the laws that hold for any look at all.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PLAIN } from "../evidence/evidence-harness.ts";
import type { Interpreter } from "../evidence/interpreter.ts";
import { type KernelLook, type ProcessLook, WAITING_ON, type WaitingOn } from "../evidence/kernel-look.ts";
import { type JudgeContext, judge } from "./judge.ts";

const LEADER = 10;
const OTHER = 20;
const LINES = { isLineMode: true, echoes: true };
const SILENT = { isLineMode: true, echoes: false };
const KEYS = { isLineMode: false, echoes: false };
const BASH: Interpreter = { kind: "shell", editsLine: true, prompts: null };
const DASH: Interpreter = { kind: "shell", editsLine: false, prompts: null };
const PYTHON: Interpreter = { kind: "dialogue", editsLine: true, prompts: { first: /^>>> /, further: /^\.\.\. / } };
const PSQL_BARE: Interpreter = { ...PYTHON, editsLine: false };

function process(pid: number, waitingOn: WaitingOn, more: Partial<ProcessLook> = {}): ProcessLook {
  const said = {
    waitsForOthersToo: false,
    isRegistered: false,
    servesInnerTerminal: false,
    waitsForPeers: false,
    isCertain: true,
  };
  return { pid, program: "program", argv: [], command: "program", fingerprint: `${pid}`, waitingOn, ...said, ...more };
}

const READER = process(OTHER, "terminal");
const OWN = process(LEADER, "terminal");

const LISTENER = process(OTHER, "terminal", { isRegistered: true });

function leader(interpreter: Interpreter | null, leadsForeground: boolean) {
  return { ...OWN, processGroup: LEADER, leadsForeground, interpreter };
}

function looking(
  terminal: KernelLook["terminal"],
  processes: readonly ProcessLook[],
  more: Partial<KernelLook> & { interpreter?: Interpreter } = {},
): KernelLook {
  const { interpreter = null, ...rest } = more;
  const isOwn = processes.some(({ pid }) => pid === LEADER);
  return {
    terminal,
    unreadBytes: 0,
    leader: leader(interpreter, isOwn),
    foreground: { processGroup: isOwn ? LEADER : OTHER, processes, isWhole: true, isGone: false },
    elsewhere: [],
    inner: null,
    ...rest,
  };
}

const at = (interpreter: Interpreter, terminal: KernelLook["terminal"]) => looking(terminal, [OWN], { interpreter });
const relay = (more: Partial<ProcessLook> = {}) => process(OTHER, "terminal", { program: "ssh", ...more });
const hidden = process(OTHER, "unreadable");
const atPrompt = { attention: "ready", shown: "^> $", matches: (line: string) => line === "> " } as const;
const atWork = { attention: "working", shown: "busy", matches: (line: string) => line === "busy" } as const;
const pattern = { attention: "needs_input", shown: "/done/", matches: (line: string) => line === "done" } as const;

type Row = readonly [what: string, look: KernelLook, context: Partial<JudgeContext>, wanted: string];

const RULES: Readonly<Record<string, readonly Row[]>> = {
  K1: [
    ["a reader", looking(SILENT, [READER]), {}, "needs_secret strong K1"],
    ["whatever the line says", looking(SILENT, [READER]), { lastLine: "> " }, "needs_secret strong K1"],
    ["one reader among busy ones", looking(SILENT, [process(30, "child"), READER]), {}, "needs_secret strong K1"],
    [
      "a reader elsewhere",
      looking(SILENT, [process(LEADER, "socket")], { elsewhere: [READER] }),
      {},
      "needs_secret strong K1",
    ],
    [
      "known from a function's name",
      looking(SILENT, [{ ...READER, isCertain: false }]),
      {},
      "needs_secret heuristic K1",
    ],
    ["an event loop", looking(SILENT, [process(OTHER, "terminal_with_timeout")]), {}, "needs_secret heuristic K1"],
    ["a shell, within a command", at(BASH, SILENT), { marks: "command" }, "needs_secret strong K1"],
    ["a shell without marks", at(BASH, SILENT), {}, "needs_secret heuristic K1"],
    ["a bare shell without marks", at(DASH, SILENT), {}, "needs_secret heuristic K1"],
    ["a bare shell that asks", at(DASH, SILENT), { lastLine: "PIN> " }, "needs_secret heuristic K1"],
    ["a bare shell, perhaps at its prompt", at(DASH, SILENT), { lastLine: "me@host $ " }, "unknown heuristic K1"],
    ["a shell with an editor", at(BASH, SILENT), { lastLine: "me@host $ " }, "needs_secret heuristic K1"],
    ["a bare shell within a command", at(DASH, SILENT), { lastLine: "$ ", marks: "command" }, "needs_secret strong K1"],
    ["a dialogue, perhaps at its prompt", at(PSQL_BARE, SILENT), { lastLine: ">>> " }, "unknown heuristic K1"],
    ["a bare shell at a marked prompt", at(DASH, SILENT), { marks: "prompt" }, "ready strong K4"],
    ["a dialogue with an editor", at(PYTHON, SILENT), {}, "needs_secret strong K1"],
    ["a dialogue without", at(PSQL_BARE, SILENT), {}, "needs_secret heuristic K1"],
    ["ssh itself", looking(SILENT, [relay()]), {}, "needs_secret strong K1"],
  ],
  K2: [
    ["too soon", looking(SILENT, [hidden]), { echoOffForMs: 199, lastLine: "Password:" }, "unknown heuristic Q1"],
    ["at once", looking(SILENT, [hidden]), { lastLine: "Password:" }, "unknown heuristic Q1"],
    ["long enough", looking(SILENT, [hidden]), { echoOffForMs: 200, lastLine: "Password:" }, "needs_secret strong K2"],
    [
      "without a question",
      looking(SILENT, [hidden]),
      { echoOffForMs: 200, lastLine: "…" },
      "needs_secret heuristic K2",
    ],
    [
      "beside one that waits elsewhere",
      looking(SILENT, [process(30, "pipe"), hidden]),
      { echoOffForMs: 200, lastLine: "?" },
      "needs_secret strong K2",
    ],
    [
      "when nobody was found, who may be hidden",
      looking(SILENT, []),
      { echoOffForMs: 200, lastLine: "? " },
      "needs_secret strong K2",
    ],
    [
      "not when all are known and busy",
      looking(SILENT, [process(30, "running")]),
      { echoOffForMs: 900, lastLine: "Password:" },
      "working strong K8",
    ],
    ["not with echo", looking(LINES, [hidden]), { echoOffForMs: 900, lastLine: "Password:" }, "unknown heuristic Q1"],
    ["not with keys", looking(KEYS, [hidden]), { echoOffForMs: 900, lastLine: "Password:" }, "unknown heuristic Q1"],
  ],
  K3: [
    ["a reader", looking(LINES, [READER]), {}, "needs_input strong K3 line"],
    ["a shell's read", at(BASH, LINES), {}, "needs_input strong K3 line"],
    ["whatever a mark says of it", at(BASH, LINES), { marks: "prompt" }, "needs_input strong K3 line"],
    [
      "an event loop",
      looking(LINES, [process(OTHER, "terminal_with_timeout")]),
      {},
      "needs_input heuristic K3 event_loop",
    ],
    [
      "known from a function's name",
      looking(LINES, [{ ...READER, isCertain: false }]),
      {},
      "needs_input heuristic K3 line",
    ],
    ["an event loop's question", looking(LINES, [LISTENER]), { lastLine: "Name? " }, "needs_input strong K3 line"],
    ["an event loop that had its answer", looking(LINES, [LISTENER]), {}, "needs_input heuristic K3 event_loop"],
    ["one who waits beside an event loop", looking(LINES, [LISTENER, READER]), {}, "needs_input strong K3 line"],
    [
      "below a group without a terminal",
      looking(LINES, [process(OTHER, "child")], { elsewhere: [READER] }),
      {},
      "needs_input strong K3 line",
    ],
    ["ssh itself, about a host's key", looking(LINES, [relay()]), {}, "needs_input strong K3 line"],
    ["a bare shell within a command", at(DASH, LINES), { marks: "command" }, "needs_input strong K3 line"],
  ],
  K4: [
    ["at a marked prompt", at(BASH, KEYS), { marks: "prompt" }, "ready strong K4"],
    ["without marks", at(BASH, KEYS), { lastLine: "$ " }, "ready heuristic K4"],
    ["without marks, but a question", at(BASH, KEYS), { lastLine: "Sure? " }, "needs_input heuristic K4 line"],
    ["a question that was typed", at(BASH, KEYS), { lastLine: "$ ls a?", typedWasEchoed: true }, "ready heuristic K4"],
    ["within a command", at(BASH, KEYS), { marks: "command" }, "needs_input strong K4 keys"],
    ["within an unfinished one", at(BASH, KEYS), { marks: "continuation" }, "needs_input strong K4 line"],
    [
      "known from a function's name",
      looking(KEYS, [{ ...OWN, isCertain: false }], { interpreter: BASH }),
      { marks: "prompt" },
      "ready heuristic K4",
    ],
    ["a bare shell", at(DASH, LINES), {}, "ready heuristic K4"],
    ["a bare shell at a marked prompt", at(DASH, LINES), { marks: "prompt" }, "ready strong K4"],
    ["a dialogue at its prompt", at(PYTHON, KEYS), { lastLine: ">>> 1 + " }, "ready strong K4"],
    ["a dialogue at another prompt", at(PYTHON, KEYS), { lastLine: "my prompt> " }, "ready heuristic K4"],
    ["a dialogue's further line", at(PYTHON, KEYS), { lastLine: "... " }, "needs_input heuristic K4 line"],
    ["a dialogue's own question", at(PYTHON, KEYS), { lastLine: "Name: " }, "needs_input heuristic K4 line"],
    ["a dialogue without editor", at(PSQL_BARE, LINES), { lastLine: ">>> " }, "ready strong K4"],
    [
      "another program's reading",
      looking(KEYS, [READER], { interpreter: BASH }),
      { marks: "prompt" },
      "needs_input strong K6 keys",
    ],
    ["beside another reader", looking(KEYS, [OWN, READER], { interpreter: BASH }), {}, "needs_input strong K6 keys"],
  ],
  P0: [
    ["a secret asked in keys", looking(KEYS, [READER]), { lastLine: "Password: " }, "needs_secret heuristic P0"],
    [
      "with asterisks",
      looking(KEYS, [READER]),
      { lastLine: "[sudo] password for me: ***" },
      "needs_secret heuristic P0",
    ],
    [
      "that was shown",
      looking(KEYS, [READER]),
      { lastLine: "password: ", typedWasEchoed: true },
      "needs_input strong K6 keys",
    ],
    ["another question", looking(KEYS, [READER]), { lastLine: "Name: " }, "needs_input strong K6 keys"],
    ["a shell's read", at(BASH, KEYS), { lastLine: "Password: " }, "needs_secret heuristic P0"],
    [
      "a shell's read within a command",
      at(BASH, KEYS),
      { lastLine: "PIN? ", marks: "command" },
      "needs_secret heuristic P0",
    ],
    ["at a marked prompt", at(BASH, KEYS), { lastLine: "token: ", marks: "prompt" }, "ready strong K4"],
    ["from afar", looking(KEYS, [relay()]), { lastLine: "me@far's password: " }, "needs_secret heuristic P0"],
    ["while it computes", looking(KEYS, [process(OTHER, "running")]), { lastLine: "Password: " }, "working strong K8"],
  ],
  K5: [
    ["keys for the far side", looking(KEYS, [relay({ waitsForOthersToo: true })]), {}, "unknown heuristic K5 relay"],
    ["lines for the far side", looking(LINES, [relay({ waitsForOthersToo: true })]), {}, "unknown heuristic K5 relay"],
    ["another list", looking(KEYS, [relay()]), { relays: new Set(["other"]) }, "needs_input strong K6 keys"],
    [
      "a relay that waits for the far side only",
      looking(KEYS, [relay({ waitingOn: "socket" })]),
      {},
      "working strong K8",
    ],
    ["an inner terminal that is lost", looking(KEYS, [READER], { inner: "lost" }), {}, "unknown heuristic K5"],
  ],
  K6: [
    ["a reader", looking(KEYS, [READER]), {}, "needs_input strong K6 keys"],
    [
      "an event loop",
      looking(KEYS, [process(OTHER, "terminal_with_timeout")]),
      {},
      "needs_input heuristic K6 event_loop",
    ],
    ["the session's own program", looking(KEYS, [OWN]), {}, "needs_input strong K6 keys"],
  ],
  K8: [
    ...WAITING_ON.filter((one) => !/terminal$|terminal_with|unreadable/.test(one) || one === "inner_terminal").map(
      (waitingOn): Row => [waitingOn, looking(LINES, [process(OTHER, waitingOn)]), {}, "working strong K8"],
    ),
    [
      "nobody between two commands, though echo is off",
      looking(SILENT, [], { foreground: { processGroup: OTHER, processes: [], isWhole: true, isGone: true } }),
      { echoOffForMs: 5000, lastLine: "Password: " },
      "working heuristic K8",
    ],
    ["a typed line", looking(LINES, [READER], { unreadBytes: 5 }), {}, "working strong K8"],
    [
      "typed keys",
      looking(KEYS, [OWN], { unreadBytes: 1, interpreter: BASH }),
      { marks: "prompt" },
      "working heuristic K8",
    ],
    [
      "beside a hidden one that has no terminal",
      looking(LINES, [process(30, "child")], { elsewhere: [hidden] }),
      {},
      "unknown heuristic Q1",
    ],
    ["beside a hidden one", looking(LINES, [process(30, "sleep"), hidden]), {}, "unknown heuristic Q1"],
    [
      "in part",
      looking(LINES, [process(30, "sleep")], {
        foreground: { processGroup: 30, processes: [process(30, "sleep")], isWhole: false, isGone: false },
      }),
      {},
      "unknown heuristic Q1",
    ],
  ],
  P1: [
    [
      "where the kernel knows better",
      looking(LINES, [process(30, "sleep")]),
      { lastLine: "done", patterns: [pattern] },
      "working strong K8",
    ],
    [
      "of what is hidden",
      looking(LINES, [hidden]),
      { lastLine: "done", patterns: [pattern] },
      "needs_input heuristic P1",
    ],
    [
      "of the far side",
      looking(KEYS, [relay()]),
      { lastLine: "done", patterns: [pattern] },
      "needs_input heuristic P1",
    ],
    [
      "of a lost terminal",
      looking(KEYS, [READER], { inner: "lost" }),
      { lastLine: "done", patterns: [pattern] },
      "needs_input heuristic P1",
    ],
    [
      "which tells a prompt from a question, where a program reads keys",
      looking(KEYS, [READER]),
      { lastLine: "> ", patterns: [atPrompt, pattern] },
      "ready heuristic P1",
    ],
    [
      "on the last line that shows something, wherever the cursor is",
      looking(KEYS, [READER]),
      { lastLine: "", lastShown: "> ", patterns: [pattern, atPrompt] },
      "ready heuristic P1",
    ],
    [
      "that says no more than the kernel does",
      looking(KEYS, [READER]),
      { lastLine: "done", patterns: [pattern] },
      "needs_input strong K6 keys",
    ],
    [
      "that says of a program which waits that it works",
      looking(KEYS, [READER]),
      { lastLine: "busy", patterns: [atWork] },
      "needs_input strong K6 keys",
    ],
    [
      "that says that it works, where the kernel doubts that it waits",
      looking(KEYS, [process(OTHER, "terminal_with_timeout")]),
      { lastLine: "busy", patterns: [atWork] },
      "working heuristic P1",
    ],
    [
      "of a line that is asked for",
      looking(LINES, [READER]),
      { lastLine: "> ", patterns: [atPrompt] },
      "ready heuristic P1",
    ],
    [
      "of a secret that is asked for",
      looking(SILENT, [READER]),
      { lastLine: "> ", patterns: [atPrompt] },
      "needs_secret strong K1",
    ],
    ["of another line", looking(LINES, [hidden]), { lastLine: "doing", patterns: [pattern] }, "unknown heuristic Q1"],
  ],
  Q1: [
    ["no terminal", looking(null, [READER]), { lastLine: "Password: ", echoOffForMs: 900 }, "unknown heuristic Q1"],
    ["no leader", looking(LINES, [], { leader: null, foreground: null }), {}, "unknown heuristic Q1"],
  ],
};

function shown(look: KernelLook, context: Partial<JudgeContext>): string {
  const { attention, confidence, rule, how } = judge(look, { ...PLAIN, ...context });
  return [attention, confidence, rule, how].filter(Boolean).join(" ");
}

for (const [rule, rows] of Object.entries(RULES)) {
  describe(`rule ${rule}`, () => {
    for (const [what, look, context, wanted] of rows) {
      it(`${what}: ${wanted}`, () => assert.equal(shown(look, context), wanted));
    }
  });
}

describe("a terminal within a terminal", () => {
  const inner = (look: KernelLook, outer: ProcessLook = OWN) => looking(KEYS, [outer], { inner: look });

  it("is what is judged, however deep", () => {
    assert.equal(shown(inner(inner(looking(SILENT, [READER]))), {}), "needs_secret strong K1");
    assert.equal(shown(inner(looking(LINES, [process(OTHER, "sleep")])), {}), "working strong K8");
  });

  it("has a shell that is ready only where it is all that the session is", () => {
    assert.equal(shown(inner(at(BASH, KEYS)), {}), "ready heuristic K4");
    assert.equal(shown(inner(at(BASH, KEYS)), { marks: "prompt" }), "ready heuristic K4", "marks are not its own");
    assert.equal(shown(inner(at(BASH, KEYS)), { marks: "command" }), "needs_input strong K4 keys");
    assert.equal(shown(inner(at(BASH, KEYS), READER), {}), "needs_input strong K6 keys");
  });
});

describe("any look", () => {
  const processes = fc.array(
    fc.record({
      pid: fc.constantFrom(LEADER, OTHER, 30),
      waitingOn: fc.constantFrom(...WAITING_ON),
      program: fc.constantFrom("ssh", "cat"),
      waitsForOthersToo: fc.boolean(),
      isCertain: fc.boolean(),
    }),
    { maxLength: 4 },
  );
  const looks = fc.record({
    terminal: fc.constantFrom(LINES, SILENT, KEYS, null),
    processes,
    unreadBytes: fc.constantFrom(0, 3, null),
    interpreter: fc.constantFrom(BASH, DASH, PYTHON, PSQL_BARE, null),
  });
  const contexts = fc.record({
    marks: fc.constantFrom("off", "prompt", "command", "continuation"),
    lastLine: fc.constantFrom("", "Password: ", ">>> ", "$ ", "Sure? "),
    echoOffForMs: fc.constantFrom(null, 0, 5000),
    typedWasEchoed: fc.boolean(),
  });
  const everyCase = (check: (look: KernelLook, verdict: ReturnType<typeof judge>) => void) =>
    fc.assert(
      fc.property(looks, contexts, ({ terminal, processes, unreadBytes, interpreter }, context) => {
        const members = processes.map(({ pid, waitingOn, ...more }) =>
          process(pid, waitingOn, pid === LEADER ? { ...more, program: "bash" } : more),
        );
        const look = looking(terminal, members, { unreadBytes, ...(interpreter && { interpreter }) });
        check(look, judge(look, { ...PLAIN, ...(context as Partial<JudgeContext>) }));
      }),
      { numRuns: 5000 },
    );
  const readers = (look: KernelLook) =>
    look.foreground?.processes.filter(({ waitingOn }) => /^terminal/.test(waitingOn)) ?? [];

  it("without a reader is neither a question nor a prompt; of a secret only where some are hidden", () => {
    everyCase((look, { attention, rule }) => {
      if (readers(look).length > 0) return;
      if (attention === "needs_secret") assert.equal(rule, "K2");
      else assert.ok(attention === "working" || attention === "unknown", attention);
    });
  });

  it("never says done, never says exactly, and is unknown where the terminal is", () => {
    everyCase((look, { attention, confidence }) => {
      assert.notEqual(attention, "done");
      assert.notEqual(confidence, "exact");
      if (!look.terminal) assert.equal(attention, "unknown");
    });
  });

  it("with a reader in silent line mode and nothing unread is a secret, but at what may be the prompt of a program without editor", () => {
    everyCase((look, { attention, rule }) => {
      if (look.terminal !== SILENT || look.unreadBytes || readers(look).length === 0) return;
      const own = look.leader?.interpreter;
      const isProven = rule === "K4" && own === DASH;
      const maybePrompt = attention !== "ready" && rule !== "K4" && own?.editsLine === false;
      assert.ok(attention === "needs_secret" || isProven || maybePrompt);
    });
  });

  it("is ready only where the session's own program is the one who reads", () => {
    everyCase((look, { attention }) => {
      if (attention !== "ready") return;
      assert.ok(look.leader?.leadsForeground && look.leader.interpreter);
      assert.ok(readers(look).every(({ pid }) => pid === LEADER));
    });
  });

  it("with what is hidden or known by name alone is never strongly a question or a prompt", () => {
    everyCase((look, { attention, confidence }) => {
      if (!readers(look).every(({ isCertain }) => !isCertain) || confidence !== "strong") return;
      assert.ok(attention === "working" || readers(look).length === 0);
    });
  });
});
