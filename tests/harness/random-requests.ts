// Makes requests to an operation as nobody would write them: right and wrong members, kinds and spellings, texts that are no
// JSON. Keeps from two things alone: starting programs of random names, and blocking for longer than a test.
import { httpForm } from "@fleetty/protocol/http-form";
import type { AnyOperation } from "@fleetty/protocol/operations";
import { textForms } from "@fleetty/protocol/strings";
import fc from "fast-check";
import type { Ask } from "./http.ts";

/** Values that are right for a member; of what is started, the only texts that it gets. */
const right: Readonly<Record<string, readonly unknown[]>> = {
  name: ["made", "x.y-z_0"],
  command: ["true", "exit 3", "printf x"],
  argv: [["/bin/true"], ["/bin/cat"], ["/no/such/program", "x"], [""]],
  cwd: ["/", "~", "/no/such/folder"],
  env: [{}, { A: "b" }],
  rows: [24, 0, 1000],
  cols: [80, 0, 1000],
  tags: [[], ["ci", "b"]],
  time_limit_ms: [60_000, 59_999, 9_007_199_254_740_991],
  idle_exit_ms: [60_000, 0, 9_007_199_254_740_991],
  add_tags: [[], ["ci"], ["x", "y"]],
  remove_tags: [[], ["ci"], ["y"]],
  tag: ["ci", "ci,b", ""],
  include: ["exited", ""],
  server: ["local"],
  format: ["plain", "styled", "text", "base64", "raw"],
  since_epoch: [0, 1, 999],
  offset: [0, 3, -3, 99_999],
  limit: [0, 1, 100, 99_999],
  from: [0, -3, 3, 999],
  to: [0, 3, 999, "foreground", "session"],
  max_bytes: [1, 1_048_576],
  timeout_ms: [0, 1, 300_001],
  last_generation: [0, 1, -1, 999],
  fresh: [false],
  grace_ms: [0, 10],
  since: [{ generation: 0, offset: 0 }, { offset: 2, more: 1 }, {}],
  until: [
    { exit: true },
    { idle: { timeout_ms: 0 } },
    { pattern: { regex: "r(e)|x", on: "output", flags: "i" } },
    {
      exit: true,
      pattern: [
        { regex: "^ready", on: "screen" },
        { regex: "(", on: "output" },
      ],
    },
  ],
  input_id: ["a1", "x".repeat(64)],
  client: ["c1"],
  if_generation: [0, 1, -1],
  if_epoch: [0, 1, 2],
  keys: [["Up"], ["C-x", { text: "y" }, { key: "M-é" }], ["nothing"], [{ text: "a", key: "b" }]],
  repeat: [1, 100],
  signal: ["CONT", "SIGWINCH"],
  text: ["", "line\nline\r\n", "\x1b[201~\ud800", "x".repeat(5000)],
  bracketed: ["auto", "require", "never"],
  enter: [true, false],
  ticket: ["none", "x".repeat(32)],
  screen: ["none", "plain", "styled", { since_epoch: 0 }],
};

/** Values that are right for some member somewhere, and near misses. */
const plausible = fc.oneof(
  fc.constantFrom<unknown>(0, 1, -1, 80, 65_535, 65_536, 1.5, 2 ** 53, true, false, null, "", "plain", "styled", "raw"),
  fc.constantFrom<unknown>("exited", "local", "elsewhere", "now", "0", "ci", "text", "base64", "none", "\0", "\ud800"),
  fc.constantFrom<unknown>(
    { exit: true },
    { idle: { timeout_ms: 0 } },
    { since_epoch: 0 },
    { generation: 0, offset: 0 },
  ),
  fc.record({ pattern: fc.record({ regex: fc.string({ maxLength: 12 }), on: fc.constantFrom("output", "screen") }) }),
  fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 3 }),
);
const value = fc.oneof({ weight: 3, arbitrary: plausible }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) });
/** Never so long that a call blocks, and never left out: see `quick`. */
const waiting = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(0, 1, 5) },
  fc.constantFrom<unknown>(-1, 1.5, "x", true),
);

/** A reference to a session, encoded or broken: two that are there, one that is not, and anything. */
const reference = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("live", "over") },
  { weight: 1, arbitrary: fc.constantFrom("nobody", "%ff", "%", "..", "%2e%2e", "%00", "x".repeat(300)) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: "binary" }).map(encoded) },
);

export interface RandomRequests {
  /** Session that is asked about instead of `live` and `over`. */
  readonly session?: string;
}

/** Requests to one operation. */
export async function randomRequests(row: AnyOperation, { session }: RandomRequests = {}): Promise<fc.Arbitrary<Ask>> {
  const form = httpForm(row);
  if (!form) throw new Error(`${row.name} has no HTTP form`);
  const members = [...textForms((await row.schemas()).input).keys()].filter((name) => !form.pathMembers.includes(name));
  const isJson = form.rest === "json";
  const query = isJson ? queryOf(["server"]) : queryOf(members.filter((name) => name !== row.octets?.body));
  const body = isJson
    ? jsonBody(members)
    : form.rest === "octets"
      ? fc.uint8Array({ maxLength: 200 })
      : fc.constant(undefined);
  const type = fc.oneof(
    { weight: 9, arbitrary: fc.constant("application/json") },
    fc.constantFrom("text/plain", "", "x"),
  );
  return fc
    .record({ ref: session === undefined ? reference : fc.constant(session), query, body, type })
    .map(({ ref, query: asked, body: sent, type: declared }) => ({
      method: form.method,
      path: form.path.replace("{session}", ref) + (asked === "" ? "" : `?${asked}`),
      ...(sent !== undefined && { body: sent }),
      ...(isJson && declared !== "" && { headers: { "content-type": declared } }),
    }));
}

function queryOf(members: readonly string[]): fc.Arbitrary<string> {
  const free = members.filter((name) => name !== "max_wait_ms" && name !== "timeout_ms");
  const options = { maxLength: Math.min(3, free.length) };
  const known = fc.subarray(free, options).chain((some) => fc.tuple(...some.map(pairFor)));
  const strange = fc
    .tuple(fc.string({ maxLength: 8, unit: "binary" }).map(encoded), said)
    .map(([name, text]) => `${name}=${text}`);
  const broken = fc.constantFrom("&", "=", "%", "%ff=%zz", "x=1", ...members.map((name) => `${name}=1&${name}=2`));
  const some = fc.oneof({ weight: 8, arbitrary: fc.constant([]) }, fc.tuple(strange), fc.tuple(broken));
  const wait = members.includes("max_wait_ms") ? fc.tuple(waiting.map((one) => `max_wait_ms=${one}`)) : fc.constant([]);
  const timeout = members.includes("timeout_ms")
    ? fc.constantFrom(["timeout_ms=0"], ["timeout_ms=1"], ["timeout_ms=x"], [])
    : fc.constant([]);
  return fc.tuple(wait, timeout, known, some).map((all) => all.flat().join("&"));
}

const said = fc.oneof(
  fc.string({ maxLength: 30, unit: "binary" }).map(encoded),
  fc.constantFrom("%", "%ff", "%zz", "+", "%00", "1e3", "-0", "9".repeat(30)),
);

function pairFor(name: string): fc.Arbitrary<string> {
  const text = valueFor(name).map((one) => encoded(typeof one === "string" ? one : JSON.stringify(one)));
  return fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: said }).map((one) => `${name}=${one}`);
}

/** Names that are no member of any input, those that JavaScript and UTF-8 stumble over among them. */
const strangeName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "\ud800", "", "a.b", "line\nfeed"),
  fc.string({ maxLength: 8, unit: "binary" }),
);

/** A body as text: members known and unknown, any JSON, or none. */
function jsonBody(members: readonly string[]): fc.Arbitrary<string> {
  const known = fc.record(Object.fromEntries(members.map((name) => [name, valueFor(name)])), { requiredKeys: [] });
  const unknown = fc.dictionary(strangeName, value, { maxKeys: 2 });
  const object = fc.tuple(fc.oneof(fc.constant({}), unknown), known).map(([some, more]) => ({ ...some, ...more }));
  const any = fc.oneof({ weight: 8, arbitrary: object }, { weight: 1, arbitrary: fc.jsonValue() });
  const json = fc.tuple(any, waiting).map(([body, wait]) => JSON.stringify(quick(members, body, wait)));
  const broken = fc.string({ maxLength: 30, unit: "binary" }).map((text) => `{"${text}`);
  return fc.oneof({ weight: 8, arbitrary: json }, { weight: 1, arbitrary: broken });
}

function valueFor(member: string): fc.Arbitrary<unknown> {
  const starts = member === "command" || member === "argv";
  const any = starts ? value.filter((one) => typeof one !== "string" && !isTexts(one)) : value;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...(right[member] ?? [true])) },
    { weight: 1, arbitrary: any },
  );
}

/** What blocks is told not to. */
function quick(members: readonly string[], body: unknown, wait: unknown): unknown {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject && members.includes("max_wait_ms") ? { ...body, max_wait_ms: wait } : body;
}

function isTexts(one: unknown): boolean {
  return Array.isArray(one) && one.length > 0 && one.every((text) => typeof text === "string");
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
