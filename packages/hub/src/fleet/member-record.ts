// Makes what is kept of a member when it is registered. Pure but for the id and the time.
import { makeId } from "@fleetty/protocol/ids";
import type { MemberRecord } from "../store/hub-store.ts";
import type { ConfiguredServer } from "./configured-fleet.ts";

/** Of one that was never met. */
export function newRecord(of: Pick<MemberRecord, "address" | "origin" | "name" | "labels">): MemberRecord {
  return {
    ...of,
    id: makeId("srv"),
    cordoned: false,
    draining: false,
    token: null,
    server: null,
    key: null,
    hostname: null,
    link_generation: 0,
    added_at: new Date().toISOString(),
    approved: true,
    revoked: false,
  };
}

/** Of a server of the operator's file. */
export function recordOf({ address, name, labels }: ConfiguredServer): MemberRecord {
  return newRecord({ address, origin: "config", name, labels });
}
