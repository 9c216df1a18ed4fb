// What a hub says of 200 emulated members, for stories in which all of them are lost and come back: who is listed, with which
// sessions, and what was told of them. Whatever else the hub has is passed over.
import assert from "node:assert/strict";
import type { FleetEvent } from "@fleetty/client";
import type { TestServer } from "./server.ts";
import { waitUntil } from "./wait-until.ts";

export const MEMBERS = 200;
/** Of each. */
export const SESSIONS = 2;
/** As emulated members are called. */
export const memberNames: readonly string[] = Array.from({ length: MEMBERS }, (_, at) => `m-${at}`);
const isOne = (server: string | null) => server?.startsWith("m-") ?? false;

const asJson = { accept: "application/json" };

interface Seen {
  readonly hostname: string | null;
  readonly health: string;
}

/** Resolves when all are so, each listed once. */
export async function allAre(hub: TestServer, health: string): Promise<void> {
  let seen: Seen[] = [];
  const are = async () => {
    const { json } = await hub.ask({ path: "/servers" });
    seen = json.filter(({ hostname }: Seen) => isOne(hostname));
    return seen.length === MEMBERS && seen.every((one) => one.health === health);
  };
  const others = () => seen.filter((one) => one.health !== health).slice(0, 3);
  await waitUntil(`all are ${health}`, are, { deadlineMs: 90_000, seen: () => [seen.length, others()] });
  assert.equal(new Set(seen.map(({ hostname }) => hostname)).size, MEMBERS);
}

/** Id of each session by its name; each is listed once. */
export async function sessionsOf(hub: TestServer): Promise<Record<string, string>> {
  const { json, headers } = await hub.ask({ path: "/sessions" });
  assert.equal(headers["fleetty-partial"], undefined);
  const sessions = json.filter(({ server }: { server: string }) => isOne(server));
  assert.equal(sessions.length, MEMBERS * SESSIONS);
  return Object.fromEntries(sessions.map(({ name, id }: Record<string, string>) => [name, id]));
}

export async function newestCursor(hub: TestServer): Promise<string> {
  return (await hub.ask({ path: "/events?max_wait_ms=0", headers: asJson })).json.cursor;
}

/** What of that type was told since. */
export async function eventsSince(hub: TestServer, cursor: string, type: string): Promise<FleetEvent[]> {
  const all: FleetEvent[] = [];
  for (let at = cursor; ; ) {
    const path = `/events?cursor=${at}&limit=1000&max_wait_ms=0&types=${type}`;
    const { json } = await hub.ask({ path, headers: asJson });
    if (json.events.length === 0) return all;
    all.push(...json.events);
    at = json.cursor;
  }
}

/** What was told of the members' health since, once all are told to be healthy. */
export async function healthSince(hub: TestServer, cursor: string): Promise<FleetEvent[]> {
  let events: FleetEvent[] = [];
  const healthy = () => events.filter(({ data }) => data["to"] === "healthy").length;
  const isTold = async () => {
    events = (await eventsSince(hub, cursor, "server.health")).filter(({ server }) => isOne(server));
    return healthy() >= MEMBERS;
  };
  await waitUntil("all are told to be healthy", isTold, { seen: healthy });
  return events;
}

/** Of each member the same, its states in their order and nothing else, is what these events tell. */
export function assertEach(events: readonly FleetEvent[], story: string): void {
  const told = new Map<string, string>();
  for (const { server, data } of events) told.set(server, `${told.get(server) ?? data["from"]} ${data["to"]}`);
  const expected = Object.fromEntries(memberNames.map((name) => [name, story]));
  assert.deepEqual(Object.fromEntries(told), expected);
}
