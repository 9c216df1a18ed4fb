// The hub's own handlers of what concerns servers: who is a member, and how it is. Shapes answers; the fleet decides.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { parseServerSet, resolveServerSet } from "@fleetty/protocol/server-set";
import type { ServerIdentity } from "../server-info.ts";
import { hubCall } from "../sessions/hub-call.ts";
import { nameOf, serverNotFound } from "./find-server.ts";
import type { Fleet } from "./fleet.ts";
import type { Member } from "./member.ts";
import { targetsHash } from "./targets-hash.ts";

export interface ServerOperationsOptions {
  readonly fleet: Fleet;
  readonly identity: ServerIdentity;
}

export function serverOperations({ fleet, identity }: ServerOperationsOptions) {
  const own = async () => {
    const sessions = (await fleet.local.port.call("sessions.list", {}, hubCall())) as SessionInfo[];
    return { ...identity.describeAsServer(), sessions: sessions.length };
  };
  /** A member, and not this server itself. */
  const memberOf = (reference: string): Member => fleet.find(reference) ?? itself(reference);
  return {
    "servers.list": async () => [await own(), ...fleet.members.map((member) => member.describe())],
    "servers.get": async ({ ref }: OperationInput<"servers.get">) => {
      const member = fleet.find(ref);
      return member ? { ...member.describe(), link_log: member.linkLog } : { ...(await own()), link_log: [] };
    },
    "servers.add": async (input: OperationInput<"servers.add">) => {
      const { address, health, id } = (await fleet.add(input)).describe();
      return { address, health, id };
    },
    "servers.resolve": async ({ on }: OperationInput<"servers.resolve">) => {
      const { servers, unknown } = resolveServerSet(parseServerSet(on), fleet.servers);
      const [takers, others] = [servers.filter(takesWork), servers.filter((one) => !takesWork(one))];
      return {
        targets: takers.map((server) => ({ server: nameOf(server), health: server.health })),
        excluded: others.map((server) => ({
          server: nameOf(server),
          because: server.draining ? "draining" : "cordoned",
        })),
        unknown,
        targets_hash: targetsHash(takers.map(({ id }) => id)),
      };
    },
    "servers.update": async ({ ref, labels, ...changed }: OperationInput<"servers.update">) => {
      const member = memberOf(ref);
      await fleet.update(member, {
        ...changed,
        labels: labels === undefined ? undefined : mergedLabels(member.record.labels, labels),
      });
      return member.describe();
    },
    "servers.remove": async ({ ref }: OperationInput<"servers.remove">) => {
      await fleet.remove(memberOf(ref));
    },
  };
}

function takesWork({ cordoned, draining }: { readonly cordoned: boolean; readonly draining: boolean }): boolean {
  return !cordoned && !draining;
}

/** Labels per server (public limits). */
const LABELS_MAX = 64;

function mergedLabels(
  present: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const all = Object.entries({ ...present, ...changed });
  const kept = all.filter((entry): entry is [string, string] => entry[1] !== null);
  if (kept.length <= LABELS_MAX) return Object.fromEntries(kept.sort(([one], [other]) => (one < other ? -1 : 1)));
  const message = `${kept.length} labels; a server carries at most ${LABELS_MAX}`;
  throw new FleettyError("invalid_body", message, { issues: [{ path: ["labels"], message }] });
}

/** This server is in its fleet as long as it runs. */
function itself(reference: string): never {
  return serverNotFound([reference]);
}
