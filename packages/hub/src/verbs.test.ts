// Which verb a call needs, and that one without it never reaches a worker; and how many of one caller may wait.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Gone } from "@fleetty/protocol/gone";
import { type OperationName, operations, type Verb, verbOf } from "@fleetty/protocol/operations";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { fleetOfOne } from "../../../tests/harness/fleet-of-one.ts";
import { rootCredential } from "./auth/credential.ts";
import type { CallContext, ViewerOptions, ViewerSink } from "./calls.ts";
import { Hub } from "./hub.ts";

/** `answer`: what becomes of what the worker is asked. */
function hub(answer: () => Promise<void> = async () => {}): {
  asked: string[];
  call(name: OperationName, input: object, verbs: readonly Verb[], principal?: string): Promise<unknown>;
} {
  const asked: string[] = [];
  const call = (name: string) => {
    asked.push(name);
    return answer();
  };
  const worker = { call, events: () => () => {} };
  const made = new Hub({
    metrics: {} as never,
    readiness: {} as never,
    waits: {} as never,
    fleet: fleetOfOne(worker as unknown as WorkerPort, "here"),
    events: {} as never,
    identity: { id: "srv_x", isCalled: () => false, describe: () => ({}) } as never,
    limits: { viewersPerSession: 1, viewers: 1 },
    auth: {} as never,
    tokens: {} as never,
    presets: {} as never,
    documents: { openapi: async () => ({}), guide: async () => "" },
    persistence: { isPersistent: true, persist: () => {} },
    onReload: () => assert.fail(),
    onShutdown: () => {},
  });
  const context = (verbs: readonly Verb[], principal = "ci"): CallContext => ({
    caller: {
      actor: { principal, kind: "agent", face: "http" },
      verbs: new Set(verbs),
      transport: "tcp",
      isPrivate: true,
      credential: rootCredential(),
    },
    gone: new Gone(),
    requestId: "req_x",
    attempt: (look) => look(),
    reachedAt: () => null,
  });
  return {
    asked,
    call: (name, input, verbs, principal) => {
      if (name === "sessions.socket") return made.observe(input as { session: string }, context(verbs));
      if (name === "fleet.socket") return made.announce(input, context(verbs));
      if (operations[name].kind !== "stream") return made.call(name, input, context(verbs, principal));
      return made.watch(input as ViewerOptions, {} as ViewerSink, context(verbs));
    },
  };
}

describe("a signal", () => {
  const gentle = ["INT", "QUIT", "TSTP", "CONT", "WINCH", "USR1", "USR2"];
  const killing = ["HUP", "KILL", "TERM", "STOP"];

  it("needs the verb input, or kill where it ends or stops what it reaches", async () => {
    for (const [names, verb, other] of [
      [gentle, "input", "kill"],
      [killing, "kill", "input"],
    ] as const) {
      for (const signal of names.flatMap((name) => [name, `SIG${name}`])) {
        const { asked, call } = hub();
        const input = { session: "build", signal };
        const refusal = { code: "forbidden", details: { verb } };
        await assert.rejects(call("sessions.signal", input, ["observe", other]), refusal, signal);
        assert.deepEqual(asked, []);
        await call("sessions.signal", input, [verb]);
        assert.deepEqual(asked, ["sessions.signal"], signal);
      }
    }
  });
});

describe("every call", () => {
  it("without the verb of its row is refused, whatever others its caller has, and reaches no worker", async () => {
    const all = [...new Set(Object.values(operations).map(({ verb }) => verb))];
    for (const row of Object.values(operations)) {
      if (row.verb === "public" || row.verb === "any") continue;
      const { asked, call } = hub();
      const others = all.filter((verb) => verb !== row.verb && verb !== "admin");
      const refusal = { code: "forbidden", details: { verb: row.verb } };
      // A server that is not known is of no interest to who may not ask.
      await assert.rejects(call(row.name, { session: "build", server: "elsewhere" }, others), refusal, row.name);
      assert.deepEqual(asked, [], row.name);
    }
  });
});

describe("every other call", () => {
  it("needs the verb of its row, whatever it asks", () => {
    for (const row of Object.values(operations)) {
      if (row.name !== "sessions.signal") assert.equal(verbOf(row, { signal: "KILL" }), row.verb, row.name);
    }
  });
});

describe("calls that wait", () => {
  it("are 1000 of one caller at once, whatever others wait for, and what does not wait is none of them", async () => {
    const over = Promise.withResolvers<void>();
    const { asked, call } = hub(() => over.promise);
    const wait = (principal: string) => call("sessions.wait", { session: "build" }, ["observe"], principal);
    const waits = Array.from({ length: 1_000 }, () => wait("ci"));
    await assert.rejects(wait("ci"), { code: "resource_limit_reached", details: { limit: "waits", max: 1_000 } });
    assert.equal(asked.length, 1_000);
    waits.push(wait("other"), call("sessions.screen", { session: "build" }, ["observe"], "ci"));
    over.resolve();
    await Promise.all(waits);
    await wait("ci");
  });
});
