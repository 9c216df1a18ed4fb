// Which verb a call needs, and that one without it never reaches a worker.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Gone } from "@fleetty/protocol/gone";
import { type OperationName, operations, type Verb, verbOf } from "@fleetty/protocol/operations";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { fleetOfOne } from "../../../tests/harness/fleet-of-one.ts";
import { rootCredential } from "./auth/credential.ts";
import type { CallContext, ViewerOptions, ViewerSink } from "./calls.ts";
import { Hub } from "./hub.ts";

function hub(): {
  asked: string[];
  call(name: OperationName, input: object, verbs: readonly Verb[]): Promise<unknown>;
} {
  const asked: string[] = [];
  const worker = { call: async (name: string) => void asked.push(name), events: () => () => {} };
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
  const context = (verbs: readonly Verb[]): CallContext => ({
    caller: {
      actor: { principal: "ci", kind: "agent", face: "http" },
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
    call: (name, input, verbs) => {
      if (name === "sessions.socket") return made.observe(input as { session: string }, context(verbs));
      if (name === "fleet.socket") return made.announce(input, context(verbs));
      if (operations[name].kind !== "stream") return made.call(name, input, context(verbs));
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
