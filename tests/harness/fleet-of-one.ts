// A fleet that has no members but this server: for what is asked of a hub whose worker a test brings.
import type { Fleet } from "@fleetty/hub/fleet/fleet";
import type { FleetView } from "@fleetty/hub/fleet/fleet-view";
import type { Itself } from "@fleetty/hub/fleet/itself";
import type { WorkerPort } from "@fleetty/protocol/worker-port";

export function fleetOfOne(port: WorkerPort, hostname: string): Fleet {
  const local = { port, whole: port, server: hostname, member: null, whenHidden: () => () => {} };
  const view = {
    members: [],
    servers: [],
    local,
    everywhere: [local],
    server: () => local,
    session: (session: string) => ({ ...local, session }),
    find: () => null,
    made: () => null,
  } satisfies Partial<Record<keyof FleetView, unknown>>;
  const itself = { hostname, labels: {}, cordoned: false, draining: false, news: () => () => {} };
  const fleet = {
    members: [],
    itself: itself satisfies Partial<Itself> as unknown as Itself,
    worker: port,
    seenBy: () => view as unknown as FleetView,
    checkScope: () => {},
    news: () => () => {},
    close: () => {},
  } satisfies Partial<Record<keyof Fleet, unknown>>;
  return fleet as unknown as Fleet;
}
