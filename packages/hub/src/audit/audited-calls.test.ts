// Holds the shell around the hub's calls to its order: a change is on disk before its answer, typing never waits for the
// disk, reading leaves nothing, and attempts without the right leave something whatever they were.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationName } from "@fleetty/protocol/operations";
import type { CallContext, HubCalls, ViewerOptions } from "../calls.ts";
import type { AuditEntry } from "../store/hub-store.ts";
import type { AuditLog } from "./audit-log.ts";
import { AuditedCalls } from "./audited-calls.ts";

const caller = { actor: { principal: "ci", kind: "agent", face: "http" }, verbs: new Set(["observe"]) };
const context = { caller, requestId: "req_1" } as unknown as CallContext;

/** Calls that refuse as told, over an audit whose disk takes entries only when it is let. */
function audited(refusal: FleettyError | null = null) {
  const disk = Promise.withResolvers<void>();
  const told: string[] = [];
  const tell = ({ operation, outcome }: AuditEntry) => void told.push(`${operation} ${outcome}`);
  const log = {
    waiting: 0,
    record: (entry: AuditEntry) => {
      tell(entry);
      return disk.promise;
    },
    note: tell,
  };
  const act = async () => {
    if (refusal) throw refusal;
    return {};
  };
  const inner = { call: act, watch: act } as unknown as HubCalls;
  return { calls: new AuditedCalls(inner, log as unknown as AuditLog), log, told, disk };
}

/** Whether it has been answered when nothing but the disk is missing. */
async function isAnswered(asked: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  asked.then(settle, settle);
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  return isSettled;
}

describe("an audited call", () => {
  it("is answered when its entry is on disk, and so is a refusal", async () => {
    for (const refusal of [null, new FleettyError("session_not_found", "it is not there")]) {
      const { calls, disk } = audited(refusal);
      const asked = calls.call("sessions.kill", { session: "build" }, context);
      assert.equal(await isAnswered(asked), false);
      disk.resolve();
      assert.equal(await isAnswered(asked), true);
    }
  });

  it("that types is answered whatever the disk does, until too much is unwritten", async () => {
    const { calls, log, told } = audited();
    const type = () => calls.call("sessions.input", { session: "build", data: "" }, context);
    assert.equal(await isAnswered(type()), true);
    assert.deepEqual(told, ["sessions.input ok"]);
    log.waiting = 5_001;
    assert.equal(await isAnswered(type()), false);
  });

  it("that reads leaves nothing, and one without the right leaves an entry, whatever it is", async () => {
    const reads: OperationName[] = ["sessions.list", "sessions.wait", "server.info"];
    for (const name of reads) {
      const { calls, told } = audited();
      await calls.call(name, {}, context);
      assert.deepEqual(told, []);
    }
    const forbidden = audited(new FleettyError("forbidden", "you may not"));
    forbidden.disk.resolve();
    await assert.rejects(forbidden.calls.call("sessions.list", {}, context), { code: "forbidden" });
    const watching = forbidden.calls.watch({ session: "build" } as ViewerOptions, {} as never, context);
    await assert.rejects(watching, { code: "forbidden" });
    assert.deepEqual(forbidden.told, ["sessions.list forbidden", "sessions.watch forbidden"]);
  });
});
