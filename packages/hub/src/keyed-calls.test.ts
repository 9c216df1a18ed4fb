// Holds calls under a key to being done once, over a real store and a hub whose every answer is chosen: at once, one after
// the other, refused, and with a server that died half-way.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { pino } from "pino";
import { localCredential } from "./auth/credential.ts";
import { type CallContext, type HubCalls, Replayed } from "./calls.ts";
import { KeyedCalls } from "./keyed-calls.ts";
import { SqliteHubStore } from "./store/sqlite-hub-store.ts";

const body = { name: "one", argv: ["true"] };

function context(key: string | undefined, more: { principal?: string; verbs?: string[] } = {}): CallContext {
  const { principal = "root", verbs = ["admin"] } = more;
  const actor = { principal, kind: "human", face: "http" };
  const caller = { actor, verbs: new Set(verbs), transport: "tcp", credential: localCredential() };
  return { caller, requestId: "req_1", key } as unknown as CallContext;
}

describe("a call under an idempotency key", () => {
  let folder: ReturnType<typeof mkdtempDisposableSync>;
  let store: SqliteHubStore;
  let keyed: KeyedCalls;
  /** Ids of what was really asked for, in order; undefined where none was decided. */
  let asked: (string | undefined)[];
  let answer: (id: string) => Promise<unknown>;
  /** What the worker has, by id. */
  let made: Map<string, unknown>;

  beforeEach(() => {
    folder = mkdtempDisposableSync("/tmp/ft-");
    asked = [];
    made = new Map();
    answer = async (id) => ({ id, name: "one" });
    open();
  });
  afterEach(async () => {
    keyed.close();
    await store.close();
    folder.remove();
  });

  function open(keysMax?: number): void {
    store = new SqliteHubStore({ path: join(folder.path, "hub.db"), ...(keysMax !== undefined && { keysMax }) });
    const calls = {
      call: (_name: string, _input: unknown, { id }: CallContext) => {
        asked.push(id);
        return answer(String(id));
      },
    } as unknown as HubCalls;
    const worker = {
      call: async (_name: string, { session }: { session: string }) => {
        if (made.has(session)) return made.get(session);
        throw new FleettyError("session_not_found", "it is not there");
      },
    } as unknown as WorkerPort;
    keyed = new KeyedCalls({ calls, store, worker, log: pino({ level: "silent" }) });
  }

  /** As after a crash: everything in memory is gone. */
  async function restart(keysMax?: number): Promise<void> {
    keyed.close();
    await store.close();
    open(keysMax);
  }

  const create = (key: string | undefined, input: object = body, more = {}) =>
    keyed.call("sessions.create", input, context(key, more));

  async function assertReplays(key: string, expected: unknown, input: object = body): Promise<void> {
    const given = await create(key, input);
    assert.ok(given instanceof Replayed);
    assert.deepEqual(given.answer, expected);
  }

  it("is done once, and answered as before, whatever the order of the members", async () => {
    const first = await create("k");
    await assertReplays("k", first);
    await assertReplays("k", first, { argv: ["true"], name: "one" });
    assert.equal(asked.length, 1);
  });

  it("is answered as before after a restart", async () => {
    const first = await create("k");
    await restart();
    await assertReplays("k", first);
    assert.equal(asked.length, 1);
  });

  it("is done once for two who ask at once", async () => {
    const [one, other] = await Promise.all([create("k"), create("k")]);
    assert.equal(asked.length, 1);
    assert.ok(other instanceof Replayed);
    assert.deepEqual(other.answer, one);
  });

  it("is refused with another body, also while the first is under way", async () => {
    const first = create("k");
    await assert.rejects(create("k", { ...body, name: "two" }), { code: "idempotency_conflict" });
    await first;
    await assert.rejects(create("k", { ...body, argv: [["true"]] }), { code: "idempotency_conflict" });
    assert.equal(asked.length, 1);
  });

  it("is another's under another principal or without a key", async () => {
    await create("k");
    await create("k", body, { principal: "ci" });
    await create(undefined);
    assert.equal(asked.length, 3);
    assert.equal(asked[2], undefined, "without a key nothing is decided before");
  });

  it("is free again when it was refused and nothing was done", async () => {
    const refusals = [
      new FleettyError("session_name_conflict", "it is taken"),
      new FleettyError("session_create_failed", "no such program", { may_have_run: false }),
    ];
    for (const refusal of refusals) {
      answer = () => Promise.reject(refusal);
      await assert.rejects(create("k"), { code: refusal.code });
    }
    answer = async (id) => ({ id });
    assert.deepEqual(await create("k", { name: "other" }), { id: asked[2] });
  });

  it("is asked for again under the same id when nobody knows whether it was done", async () => {
    answer = () => Promise.reject(new FleettyError("server_timeout", "no answer", { may_have_run: "unknown" }));
    await assert.rejects(create("k"), { code: "server_timeout" });
    await assert.rejects(create("k", { name: "other" }), { code: "idempotency_conflict" });
    answer = async (id) => ({ id });
    await create("k");
    await restart();
    await assertReplays("k", { id: asked[0] });
    assert.deepEqual(asked, [asked[0], asked[0]]);
  });

  it("finds what a server made that died before it could say so", async () => {
    answer = (id) => {
      made.set(id, { id, name: "one" });
      return Promise.reject(new FleettyError("internal_error", "died here", { may_have_run: "unknown" }));
    };
    await assert.rejects(create("k"));
    await restart();
    await keyed.settle();
    made.clear();
    await assertReplays("k", { id: asked[0], name: "one" });
    assert.equal(asked.length, 1);
  });

  it("is left to the hub to refuse when the caller has lost the right, answered before or not", async () => {
    await create("k");
    const given = await create("k", body, { verbs: ["observe"] });
    assert.ok(!(given instanceof Replayed));
    assert.deepEqual([asked.length, asked[1]], [2, undefined]);
  });

  it("is refused when as many keys as are kept are in use, or the disk refuses", async () => {
    await restart(1);
    await create("k");
    await assert.rejects(create("k2"), {
      code: "resource_limit_reached",
      details: { limit: "idempotency_keys", max: 100_000 },
    });
    await store.close();
    await assert.rejects(create("k3"), { code: "resource_limit_reached", details: { limit: "disk" } });
    assert.equal(asked.length, 1);
    open();
  });
});
