// Makes the members of a call, right ones and nearly right ones, by whatever face it is asked: each row's own schema says
// what is right. Kept here by hand is only what no schema knows: which programs may be started, what the few sessions are called
// that all fight over, and how long a call may block.
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import type { Dice } from "./dice.ts";
import type { Learned } from "./learned.ts";
import { fixture } from "./programs.ts";
import { type Schema, SchemaValues, STRANGE_NAMES, Verbatim } from "./schema-values.ts";

export type Member = readonly [name: string, value: unknown];

/** What a call takes. */
export interface Takes {
  readonly members: ReadonlyMap<string, Schema>;
  readonly required: readonly string[];
}

/** Sessions that are there all the time, for what hardly any other is in a state for. */
export const STEADY = { asks: "sessions.secret", shell: "sessions.run" } as const;

/** Elements are many where many stand in one session. */
export const WITH_ELEMENTS = "shell" satisfies keyof typeof STEADY;

/** Which of those a row is best asked of. */
export function steadyFor(row: AnyOperation | null): string | undefined {
  if (/^sessions\.(overlays|panels|focus)(?!.*\.clear)/.test(row?.name ?? "")) return WITH_ELEMENTS;
  return Object.entries(STEADY).find(([, name]) => name === row?.name)?.[0];
}

/** Sessions that all callers make, rename and end at once. */
export const NAMES = ["one", "two", "three", "four"] as const;

/** Longer than any of these no call blocks, but one whose caller does not wait for it. */
const BLOCKING: Readonly<Record<string, readonly unknown[]>> = {
  max_wait_ms: [0, 1, 5],
  grace_ms: [0, 1, 50],
  wait_ms: [0, 1, 5],
  ready_wait_ms: [0, 1, 5],
};
const LONG_WAIT_MS = 60_000;
/** What is wrong for them without being left out, which is long. */
const NOT_BLOCKING = [-1, 1.5, "x", true, [], new Verbatim("1e400"), new Verbatim("9".repeat(30))];

/** All that is ever started. */
const PROGRAMS: Readonly<Record<string, readonly unknown[]>> = {
  command: ["true", "exit 3", "printf x", "cat"],
  argv: [
    ...[["/bin/cat"], ["/bin/cat"], ["/bin/cat"], ["/bin/cat"], ["/bin/true"], ["/no/such/program", "x"], [""]],
    ...[[fixture("read-nothing")], [fixture("ignore-sigterm")], [fixture("ask-password")], [fixture("alt-screen")]],
    ["/bin/sh", "-c", "seq 300; exec cat"],
    ...Array(3).fill(["/bin/sh", "-c", "stty -echo; while printf 'Password: '; do read -r _ || exit; done"]),
  ],
};

/** What is run in a shell: nothing that ends it, or keeps it for itself. */
const COMMANDS = ["true", "printf x", "false\ntrue"];

const SELDOM = ["lease", "if_epoch", "if_generation", "resume", "since", "head_bytes", "server"];
/** How often members are put that are not required: seldom where hardly a value lets the call be done. */
const OFTEN: Readonly<Record<string, number>> = {
  name: 0.7,
  focusable: 0.7,
  ...Object.fromEntries(SELDOM.map((name) => [name, 0.1])),
};

/** Values that are right where the schema only says that a text is. */
const MEANT: Readonly<Record<string, readonly unknown[]>> = {
  session: NAMES,
  name: NAMES,
  server: ["local", "local", "local", "local", "elsewhere"],
  cwd: ["/", "~", "/no/such/folder"],
  // Nobody listens on port 1, and nobody else is to be dialled.
  address: ["http://127.0.0.1:1", "http://127.0.0.1:1/a", "http://127.0.0.1:1/b/", "127.0.0.1:1"],
  // By their addresses servers are met whatever they were called.
  ref: [...NAMES, "http://127.0.0.1:1", "http://127.0.0.1:1/a", "http://127.0.0.1:1/b", "local", "elsewhere"],
  on: ["*", "local", "@os=linux", "one two", "#ci", "nobody-[1-9]", "a[1"],
  sessions: [["one"], ["two", "local/three"], ["nobody"]],
  select: [{ on: "*" }, { sessions: ["one"] }, { tag: "ci" }],
  keys: [["Up"], ["C-x", { text: "y" }, { key: "M-é" }], ["Enter"], ["nothing"], [{ text: "a", key: "b" }]],
  regex: ["r(e)|x", "^.", "(", "(?=x)"],
  value: ["hunter2", "hunter2", "hünter 2", "two\nlines", ""],
  prompt: ["^Password", "word:$", "never", "("],
};

export interface RandomMembersOptions {
  readonly dice: Dice;
  readonly learned: Learned;
  /** What is asked for; null where that is no one operation. */
  readonly row: AnyOperation | null;
  /** Whether who asks goes without waiting for an answer. */
  readonly leaves: boolean;
}

export class RandomMembers {
  readonly #options: RandomMembersOptions;
  #values: SchemaValues;

  constructor(options: RandomMembersOptions) {
    const { dice, learned } = options;
    this.#options = options;
    const known = (member: string) => (dice.chance(0.3) ? learned.like(member, dice) : undefined);
    this.#values = new SchemaValues(dice, (member) => this.#preferred(member, dice) ?? known(member));
  }

  /** From now on values are those that this dice makes, whatever answers have told. */
  useOnly(dice: Dice): void {
    this.#values = new SchemaValues(dice, (member) => this.#preferred(member, dice));
  }

  /** A value that is right for that member. */
  right(schema: Schema, name: string): unknown {
    return this.#values.right(schema, name);
  }

  /** About half of them all right; the others with one fault or a few, which may be a member that comes twice. */
  some(takes: Takes): Member[] {
    const { dice, row } = this.#options;
    const { members, required } = takes;
    const often: Readonly<Record<string, number>> = {
      ...OFTEN,
      ...(row === operations["sessions.run"] && { command: 0.9 }),
    };
    const isPut = (name: string) => name in BLOCKING || required.includes(name) || dice.chance(often[name] ?? 0.3);
    const right = [...members]
      .filter(([name]) => isPut(name))
      .map(([name, schema]) => [name, this.#values.right(schema, name)] as const);
    const faults = dice.chance(0.55) ? 0 : dice.chance(0.8) ? 1 : 3;
    return Array.from({ length: faults }).reduce<Member[]>((some) => this.#spoilt(some, takes), right);
  }

  #spoilt(some: Member[], { members }: Takes): Member[] {
    const { dice } = this.#options;
    const own = [...members.keys()];
    const name = own.length === 0 ? "x" : dice.of(own);
    const schema = members.get(name) ?? {};
    const wrong = () => (name in BLOCKING ? dice.of(NOT_BLOCKING) : this.#values.wrong(schema));
    return dice.ofThese<Member[]>(
      () => [...some.filter(([one]) => one !== name), [name, wrong()]],
      () => [...some.filter(([one]) => one !== name), [name, wrong()]],
      () => (name in BLOCKING ? some : some.filter(([one]) => one !== name)),
      () => [...some, [dice.of([...STRANGE_NAMES, "limit", "session", "dry_run"]), dice.of([1, "x", null, {}])]],
      () => [...some, [name, this.#values.right(schema, name)]],
    );
  }

  /** What no schema knows. */
  #preferred(member: string, dice: Dice): unknown {
    const { leaves, learned, row } = this.#options;
    if (member === "max_wait_ms" && leaves) return LONG_WAIT_MS;
    const isRun = row === operations["sessions.run"];
    const always = BLOCKING[member] ?? (isRun && member === "command" ? COMMANDS : PROGRAMS[member]);
    if (always) return dice.of(always);
    const elements = member === "id" ? learned.of(kindOfElement(row)) : [];
    if (elements.length > 0 && dice.chance(0.8)) return dice.of(elements);
    // It is good once, so an older one hardly is.
    const [newest] = member === "ticket" ? learned.of(member) : [];
    if (newest !== undefined && dice.chance(0.6)) return newest;
    const meant = MEANT[member];
    return meant && dice.chance(0.85) ? dice.of(meant) : undefined;
  }
}

/** Under which ids are known of what a row is about; nothing is for one that is about no element. */
function kindOfElement(row: AnyOperation | null): string {
  if (row === operations["sessions.focus"]) return "overlay";
  const [, kind = "none"] = /^sessions\.(overlay|panel)s\./.exec(row?.name ?? "") ?? [];
  return kind;
}
