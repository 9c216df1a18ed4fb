// Which words of typing, pasting and signalling are refused, through the real binary: over the unix socket and over TCP, with
// nothing typed. What a session or its terminal is in no state for is in refusals-declared and refusals-hosts.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ErrorCode } from "@fleetty/protocol/errors";
import { type Ask, ask, type Where } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";

interface Refusal {
  readonly asked: Ask;
  readonly code: ErrorCode;
  readonly details?: object;
}

let server: TestServer;
const faces: Record<string, Where> = {};

/** Raw, in line mode, and asking for a password. */
const sessions = { raw: "read-raw", lines: "measure-lines", secret: "ask-password" };

before(async () => {
  server = await startServer({ tcp: true });
  faces["the unix socket"] = { socketPath: server.socketPath };
  faces["TCP"] = { ...(await server.tcp()), token: server.token };
  for (const [name, program] of Object.entries(sessions)) {
    await server.ask({ path: "/sessions", body: { name, argv: [fixture(program)] } });
    const until = { pattern: { regex: "ready|Password", on: "screen" } };
    assert.equal((await server.ask({ path: `/sessions/${name}/wait`, body: { until } })).json.reason, "pattern");
  }
});

after(() => server[Symbol.asyncDispose]());

/** Where every session is: what was typed would have changed it. */
async function positions(): Promise<unknown> {
  const { json } = await server.ask({ path: "/sessions" });
  return json.map(({ id, generation, offset, epoch }: Record<string, unknown>) => ({ id, generation, offset, epoch }));
}

/** One test per face and sentence. */
function refuses(sentence: string, cases: () => readonly Refusal[]): void {
  for (const face of ["the unix socket", "TCP"]) {
    it(`${sentence}, over ${face}`, async () => {
      for (const { asked, code, details } of cases()) {
        const was = await positions();
        const refused = assertRefused(await ask(faces[face] as Where, asked), code);
        if (details) assert.partialDeepStrictEqual(refused.details, details, JSON.stringify(asked));
        assert.deepEqual(await positions(), was, `${JSON.stringify(asked)} changed something`);
      }
    });
  }
}

const typing = (query: string): Ask => ({ path: `/sessions/raw/input?${query}`, body: "x" });
const keys = (body: object): Ask => ({ path: "/sessions/raw/keys", body });
const paste = (session: keyof typeof sessions, body: object): Ask => ({ path: `/sessions/${session}/paste`, body });
const signal = (body: object): Ask => ({ path: "/sessions/raw/signal", body });

describe("what is typed", () => {
  refuses("has members that can be used", () => [
    ...[
      ["input_id", ""],
      ["input_id", "x".repeat(65)],
      ["client", ""],
      ["client", "x".repeat(65)],
      ["if_epoch", "1.5"],
      ["if_epoch", ""],
      ["if_generation", "now"],
    ].map(
      ([field, text]): Refusal => ({ asked: typing(`${field}=${text}`), code: "invalid_query", details: { field } }),
    ),
    ...[
      { input_id: "" },
      { input_id: 5 },
      { client: "x".repeat(65) },
      { if_epoch: "1" },
      { if_generation: 1.5 },
    ].flatMap((terms): Refusal[] => {
      const details = { issues: [{ path: Object.keys(terms) }] };
      return [
        { asked: keys({ keys: ["Enter"], ...terms }), code: "invalid_body", details },
        { asked: paste("raw", { text: "x", ...terms }), code: "invalid_body", details },
      ];
    }),
  ]);

  for (const face of ["the unix socket", "TCP"]) {
    it(`says where the session is when it is not as it was seen, over ${face}`, async () => {
      const { json: now } = await server.ask({ path: "/sessions/raw" });
      const { generation, epoch, offset } = now;
      const { details } = assertRefused(await ask(faces[face] as Where, typing("if_epoch=999")), "screen_changed");
      assert.deepEqual(details, { generation, epoch, offset });
    });
  }
});

describe("keys", () => {
  refuses("have names that are known", () =>
    ["Dwon", "", "enter", "C-", "F21", "Hyper+x"].flatMap((key): Refusal[] =>
      [["Up", key], [{ key }]].map((all) => ({
        asked: keys({ keys: all }),
        code: "invalid_key",
        details: { field: "keys" },
      })),
    ),
  );

  refuses("are a list within its bounds", () =>
    [
      {},
      { keys: [] },
      { keys: "Enter" },
      { keys: [5] },
      { keys: [{}] },
      { keys: [{ text: 5 }] },
      { keys: [{ text: "x", key: "y" }] },
      { keys: Array.from({ length: 257 }, () => "x") },
      { keys: ["x"], repeat: 0 },
      { keys: ["x"], repeat: 101 },
      { keys: [{ text: "x".repeat(11_000) }], repeat: 100 },
      { keys: ["x"], repeats: 2 },
    ].map((body) => ({ asked: keys(body), code: "invalid_body" })),
  );

  it("are refused by the command line in the same words", async () => {
    const { code, stderr } = await server.fleetty(["keys", "raw", "Dwon"]);
    assert.deepEqual([code, /"Dwon".*\[invalid_key\]/.test(stderr)], [2, true], stderr);
    assert.equal((await server.fleetty(["keys", "raw"])).code, 2);
    assert.equal((await server.fleetty(["keys", "raw", "--text"])).code, 2);
  });
});

describe("a paste", () => {
  refuses("is a text, and a word of three", () =>
    [{}, { text: 5 }, { text: "x", bracketed: "yes" }, { text: "x", enter: 1 }, { text: "x", entr: true }].map(
      (body) => ({
        asked: paste("raw", body),
        code: "invalid_body",
      }),
    ),
  );

  refuses("is not made into a prompt for a secret", () =>
    [{ text: "x" }, { text: "x", bracketed: "require" }, { text: "x".repeat(9000) }].map((body) => ({
      asked: paste("secret", body),
      code: "secret_prompt",
    })),
  );

  refuses("is not made of lines that the terminal would cut", () => [
    {
      asked: paste("lines", { text: `short\n${"é".repeat(2048)}\n` }),
      code: "line_too_long",
      details: { line: 2, max: 4095 },
    },
  ]);

  it("of what is no text is refused by the command line", async () => {
    const { code, stderr } = await server.fleetty(["paste", "raw"], { stdin: Buffer.from([0x61, 0xff]) });
    assert.deepEqual([code, stderr.includes("[invalid_request]")], [2, true], stderr);
  });
});

describe("a signal", () => {
  refuses("is one of those that are known, to one of two", () =>
    [
      {},
      { signal: "SEGV" },
      { signal: "int" },
      { signal: 2 },
      { signal: "SIGSIGINT" },
      { signal: "INT", to: "everybody" },
      { signal: "INT", pid: 1 },
    ].map((body) => ({ asked: signal(body), code: "invalid_body" })),
  );
});
