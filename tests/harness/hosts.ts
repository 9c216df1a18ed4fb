// What a server says of its session hosts, and which of them holds a session, for stories about several of them.
import assert from "node:assert/strict";
import { type Known, know } from "./processes.ts";
import type { TestServer } from "./server.ts";

export interface SeenHost {
  readonly id: string;
  readonly pid: number;
  readonly version: string;
  readonly protocol: number;
  readonly sessions: readonly string[];
  readonly busy: number | null;
  readonly retiring: boolean;
}

/** As `fleetty session-host status` shows them. */
export async function seenHosts(server: TestServer): Promise<SeenHost[]> {
  const { code, stdout, stderr } = await server.fleetty(["session-host", "status", "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

export async function hostOf(server: TestServer, session: string): Promise<SeenHost> {
  const hosts = await seenHosts(server);
  const host = hosts.find(({ sessions }) => sessions.includes(session));
  assert.ok(host, `no host holds ${session}: ${JSON.stringify(hosts)}`);
  return host;
}

export async function processOf(server: TestServer, session: string): Promise<Known> {
  return know((await hostOf(server, session)).pid) as Known;
}
