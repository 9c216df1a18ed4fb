// A fleet that has no members but this server: for what is asked of a hub whose worker a test brings.
import type { Fleet } from "@fleetty/hub/fleet/fleet";
import type { WorkerPort } from "@fleetty/protocol/worker-port";

export function fleetOfOne(port: WorkerPort, hostname: string): Fleet {
  const local = { port, server: hostname, member: null };
  const fleet = {
    members: [],
    servers: [],
    local,
    server: () => local,
    session: (session: string) => ({ ...local, session }),
    find: () => null,
    made: () => null,
    events: () => () => {},
    close: () => {},
  } satisfies Partial<Record<keyof Fleet, unknown>>;
  return fleet as unknown as Fleet;
}
