// Asks what nobody would ask: thousands of random requests from a fixed seed, twelve at a time, made from the operations' own
// schemas, over HTTP, JSON WebSockets and MCP. Each is answered or refused as its operation declares, nothing breaks inside,
// nothing is left behind in memory, and server and session host live on.
//
// FLEETTY_TEST_SEED says which requests, FLEETTY_TEST_REQUESTS how many; the seed is in the message of what fails.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import { Fuzzing } from "./harness/fuzzing.ts";
import { type HeldBytes, InspectedServer } from "./harness/inspected-server.ts";
import { childrenOf, descriptorsOf, type Known, know } from "./harness/processes.ts";
import { STEADY, WITH_ELEMENTS } from "./harness/random-members.ts";
import type { TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const SEED = Number(process.env["FLEETTY_TEST_SEED"] ?? 20_261_124);
const REQUESTS = Number(process.env["FLEETTY_TEST_REQUESTS"] ?? 20_000);
/** By then all code has run that will, and every table that has a bound has been used. */
const WARM_UP = Math.ceil(REQUESTS / 2);
/**
 * What may be held more after the warm-up, when all sessions have ended. Some tables are not full by then and have bounds of
 * their own: tickets (1,024, half a KB each), browser tokens, addresses that failed. The rest is what a collector is early or
 * late by, and less than the smallest object that would be kept for each request: its line in the access log is 250 bytes.
 */
const BOUNDED_BYTES = 2_000_000;
const EACH_MAX_BYTES = 100;
/** Said of a worker of another test, which still dials a hub that had this port before. */
const OF_OTHERS = "a worker was not let in";
const RING_BYTES = 64 * 1024;
/** Nobody who does not know its name can mean it. */
const WITNESS = "witness";
/** What only the unix socket may do, and is therefore asked over TCP alone. */
const NEVER_DONE = ["server.reload", "server.shutdown", "server.token_rotate"];
/** What changes nothing unless a worker asks to join, and is done only by meeting a server that is just being added. */
const SELDOM_DONE = ["servers.approve"];

let inspected: InspectedServer;
let server: TestServer;
let fuzzing: Fuzzing;
/** Server and host as they were before anything was asked, and how many descriptors each had open. */
let idle: readonly { readonly process: Known; readonly open: number }[];
let witness: { readonly pid: number };
/** Of the programs that are there beside it all the time. */
const steady: number[] = [];

const about = (what: string) => `${what} (seed ${SEED}, ${REQUESTS} requests)`;
const processes = () => [know(server.pid) as Known, ...server.hosts()];

before(async () => {
  inspected = await InspectedServer.start({ tcp: true, args: ["--max-sessions", "40"], ringBytes: RING_BYTES });
  server = inspected.server;
  fuzzing = await Fuzzing.of(server, { seed: SEED });
  const made = await server.ask({ path: "/sessions", body: { name: WITNESS, argv: ["/bin/cat"], tags: ["kept"] } });
  witness = made.json;
  const asks = "stty -echo; while printf 'Password: '; do read -r _ || exit; done";
  for (const [name, argv] of Object.entries({ asks: ["/bin/sh", "-c", asks], shell: ["/bin/bash", "--norc"] })) {
    const { json } = await server.ask({ path: "/sessions", body: { name, argv } });
    steady.push(json.pid);
  }
  idle = processes().map((process) => ({ process, open: descriptorsOf(process) }));
});

after(() => inspected[Symbol.asyncDispose]());

/** They are refused only to who has no right to ask, and that is seldom. */
async function rowsWithoutInput(): Promise<string[]> {
  const rows: AnyOperation[] = Object.values(operations);
  const inputs = await Promise.all(rows.map(async (row) => [row.name, (await row.schemas()).input] as const));
  return inputs.filter(([, input]) => Object.keys(input.shape).length === 0).map(([name]) => name);
}

/** With no session but the steady ones, whose shell has a short past: what is held then is for none. */
async function heldBytes(): Promise<HeldBytes> {
  await fuzzing.endSessions([WITNESS, ...Object.keys(STEADY)]);
  const forgetLines = { command: String.raw`printf '\033[3J'` };
  assert.equal((await server.ask({ path: `/sessions/${WITH_ELEMENTS}/run`, body: forgetLines })).json.exit_code, 0);
  return inspected.heldBytes();
}

describe("random requests, many at once", () => {
  it("are answered or refused as their operations declare, and leave nothing behind", async () => {
    await fuzzing.ask(WARM_UP);
    const before = await heldBytes();
    await fuzzing.ask(REQUESTS - WARM_UP);
    const after = await heldBytes();
    const most = BOUNDED_BYTES + EACH_MAX_BYTES * (REQUESTS - WARM_UP);
    for (const process of ["server", "host"] as const) {
      const grown = after[process] - before[process];
      assert.ok(grown < most, about(`${process} holds ${grown} bytes more than before`));
    }
    for (const { process, open } of idle) {
      const seen = () => [open, descriptorsOf(process)];
      await waitUntil("it has closed what it opened", () => descriptorsOf(process) <= open, { seen });
    }
    const left = childrenOf(server.hosts()[0] as Known).sort((one, other) => one - other);
    assert.deepEqual(
      left,
      [witness.pid, ...steady].sort((one, other) => one - other),
    );
  });

  it("had every operation do its work, and refuse to", async () => {
    const outcomes = Object.keys(operations).map((name) => [name, fuzzing.counts.get(name) ?? new Map()] as const);
    const never = outcomes.filter(([, codes]) => !codes.has("ok")).map(([name]) => name);
    const missed = never.filter((name) => ![...NEVER_DONE, ...SELDOM_DONE].includes(name));
    assert.deepEqual(missed, [], about("nothing was done by these"));
    for (const name of NEVER_DONE) assert.ok(never.includes(name), about(`${name} was done`));
    const always = outcomes.filter(([, codes]) => [...codes.keys()].every((code) => ["ok", "left"].includes(code)));
    const takesNothing = await rowsWithoutInput();
    assert.deepEqual(
      always.map(([name]) => name).filter((name) => !takesNothing.includes(name)),
      [],
      about("nothing was refused by these"),
    );
  });

  it("break nothing inside, and server and session host live on", async () => {
    const files = globSync(join(server.stateDir, "hosts/*/host.log"));
    const lines = [server.log, ...files.map((file) => readFileSync(file, "utf8"))].flatMap((log) => log.split("\n"));
    const said = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    assert.deepEqual(
      said.filter(({ level, msg }) => level >= 40 && msg !== OF_OTHERS),
      [],
    );
    assert.deepEqual(
      processes(),
      idle.map(({ process }) => process),
    );
    const { json } = await server.ask({ path: `/sessions/${WITNESS}` });
    assert.deepEqual([json.state, json.pid, json.tags], ["running", witness.pid, ["kept"]]);
    const created = await server.ask({ path: "/sessions", body: { argv: ["/bin/sh", "-c", "exit 7"] } });
    const waited = await server.ask({ path: `/sessions/${created.json.id}/wait`, body: { until: { exit: true } } });
    assert.equal(waited.json.exit_code, 7);
  });
});
