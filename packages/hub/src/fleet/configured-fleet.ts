// What the operator's file says of a fleet, and what has to be done so that the fleet is what it says. Only members that came
// by the file are added, changed and removed by it; one that was registered in another way at the same address stays what it
// is. Pure: reads no file, dials nobody.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Secret } from "@fleetty/protocol/secret";
import type { MemberRecord } from "../store/hub-store.ts";
import type { PinnedConnect } from "./pinned-connect.ts";
import type { SharedToken } from "./token-cascade.ts";

/** A member as the file has it. */
export interface ConfiguredServer {
  /** In its normal form. */
  readonly address: string;
  /** Null where there is none. Never stored: the file has it. */
  readonly token: Secret | null;
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** How members are dialled, whatever way they were registered. */
export interface DialRules {
  readonly connect: PinnedConnect;
  readonly shared: SharedToken | null;
}

export interface FleetConfig {
  readonly servers: readonly ConfiguredServer[];
  readonly rules: DialRules;
}

export interface FleetPlan {
  readonly added: readonly ConfiguredServer[];
  readonly changed: readonly { readonly id: string; readonly server: ConfiguredServer }[];
  readonly removed: readonly string[];
  /** Addresses that stand in the file and are registered in another way. */
  readonly passedOver: readonly string[];
}

export interface PlanFacts {
  readonly present: readonly MemberRecord[];
  /** What the file said before. */
  readonly before: readonly ConfiguredServer[];
  readonly servers: readonly ConfiguredServer[];
}

export function planFleet({ present, before, servers }: PlanFacts): FleetPlan {
  const recordAt = new Map(present.map((record) => [record.address, record]));
  const saidAt = new Map(before.map((server) => [server.address, server]));
  const at = (server: ConfiguredServer) => recordAt.get(server.address);
  const isIts = (server: ConfiguredServer) => at(server)?.origin === "config";
  const wanted = new Set(servers.map(({ address }) => address));
  return {
    added: servers.filter((server) => !at(server)),
    changed: servers
      .filter((server) => isIts(server) && differs(server, at(server) as MemberRecord, saidAt.get(server.address)))
      .map((server) => ({ id: (at(server) as MemberRecord).id, server })),
    removed: present.filter(({ origin, address }) => origin === "config" && !wanted.has(address)).map(({ id }) => id),
    passedOver: servers.filter((server) => at(server) && !isIts(server)).map(({ address }) => address),
  };
}

function differs(server: ConfiguredServer, record: MemberRecord, before: ConfiguredServer | undefined): boolean {
  const isOtherToken = before !== undefined && before.token?.reveal() !== server.token?.reveal();
  return isOtherToken || server.name !== record.name || !isSame(server.labels, record.labels);
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** Sees that no name of the file would be somebody else's too. Throws `server_name_conflict`. */
export function requireFreeNames({ present, servers }: PlanFacts, ownHostname: string): void {
  const fromFile = new Map(servers.map((server) => [server.address, server]));
  const isGone = ({ origin, address }: MemberRecord) => origin === "config" && !fromFile.has(address);
  const held = present.filter((record) => !isGone(record));
  const isHeldElsewhere = ({ origin }: MemberRecord) => origin !== "config";
  const passedOver = new Set(held.filter(isHeldElsewhere).map(({ address }) => address));
  for (const { address, name } of servers) {
    if (name === null || passedOver.has(address)) continue;
    const isTaken = (other: string | null) => other?.toLowerCase() === name.toLowerCase();
    if (isTaken(ownHostname)) throw nameConflict(name, "this server itself");
    const holder = held.find((record) => record.address !== address && isTaken(nameAfter(record, fromFile)));
    if (holder) throw nameConflict(name, `${holder.id} (${holder.address})`);
  }
}

function nameAfter(record: MemberRecord, fromFile: ReadonlyMap<string, ConfiguredServer>): string | null {
  const name = record.origin === "config" ? (fromFile.get(record.address)?.name ?? null) : record.name;
  return name ?? record.hostname;
}

function nameConflict(name: string, holder: string): FleettyError {
  const message = `${JSON.stringify(name)} in the configuration file is the name of ${holder}; choose another`;
  return new FleettyError("server_name_conflict", message);
}
