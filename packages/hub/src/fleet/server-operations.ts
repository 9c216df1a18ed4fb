// The hub's own handlers of what concerns servers: who is a member, and how it is. Shapes answers; the fleet decides.
import { FleettyError } from "@fleetty/protocol/errors";
import { plainAnswer } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { parseServerSet, resolveServerSet } from "@fleetty/protocol/server-set";
import type { CallContext } from "../calls.ts";
import type { Presets } from "../presets/presets.ts";
import type { ServerIdentity } from "../server-info.ts";
import { hubCall } from "../sessions/hub-call.ts";
import type { OwnServerRecord } from "../store/hub-store.ts";
import { nameOf, serverNotFound } from "./find-server.ts";
import type { Fleet } from "./fleet.ts";
import type { Destination } from "./fleet-view.ts";
import type { MemberChange, RecordChange } from "./kept-record.ts";
import type { Member } from "./member.ts";
import { targetsHash } from "./targets-hash.ts";

export interface ServerOperationsOptions {
  readonly fleet: Fleet;
  readonly identity: ServerIdentity;
  readonly presets: Pick<Presets, "tools">;
  /** Path below which the routes lie: `""` or `/base`. */
  readonly auth: { readonly basePrefix: string };
}

export function serverOperations({ fleet, identity, presets, auth }: ServerOperationsOptions) {
  const viewOf = ({ caller }: CallContext) => fleet.seenBy(caller.credential.facts.scope);
  const itself = async ({ port }: Destination) => {
    const sessions = (await port.call("sessions.list", {}, hubCall())) as SessionInfo[];
    const { labels, cordoned, draining } = fleet.itself;
    const conditions = await fleet.itself.conditions();
    return { ...identity.describeAsServer(), sessions: sessions.length, labels, cordoned, draining, conditions };
  };
  /** A member, and not this server itself, which is in its fleet as long as it runs. */
  const memberOf = (reference: string, context: CallContext): Member =>
    viewOf(context).find(reference) ?? serverNotFound([reference]);
  return {
    "servers.list": async (_: object, context: CallContext) => {
      const view = viewOf(context);
      const own = view.local ? [await itself(view.local)] : [];
      return [...own, ...view.members.map((member) => view.describe(member))];
    },
    "servers.get": async ({ ref }: OperationInput<"servers.get">, context: CallContext) => {
      const view = viewOf(context);
      const member = view.find(ref);
      if (member) return { ...view.describe(member), link_log: member.linkLog };
      return { ...(await itself(view.server("local"))), link_log: [] };
    },
    "servers.capabilities": async ({ ref, refresh }: OperationInput<"servers.capabilities">, context: CallContext) => {
      const view = viewOf(context);
      const { port, server } = view.server(view.find(ref)?.id ?? "local");
      return {
        server,
        ...plainAnswer(
          await port.call("worker.capabilities", { tools: presets.tools, versions: true, refresh }, hubCall()),
        ),
      };
    },
    "servers.add": async (input: OperationInput<"servers.add">) => {
      const { address, health, id } = (await fleet.add(input)).describe();
      return { address, health, id };
    },
    "servers.resolve": async ({ on }: OperationInput<"servers.resolve">, context: CallContext) => {
      const { servers, unknown } = resolveServerSet(parseServerSet(on), viewOf(context).servers);
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
    "servers.update": async ({ ref, labels, ...changed }: OperationInput<"servers.update">, context: CallContext) => {
      const view = viewOf(context);
      const member = view.find(ref);
      const present = member ? member.record.labels : fleet.itself.givenLabels;
      const change = { ...changed, labels: labels && mergedLabels(present, labels) };
      if (member) {
        await fleet.update(member, change);
        return viewOf(context).describe(member);
      }
      await fleet.itself.update(changeOfItself(change));
      return itself(view.server("local"));
    },
    "servers.remove": async ({ ref }: OperationInput<"servers.remove">, context: CallContext) => {
      await fleet.remove(memberOf(ref, context));
    },
    "servers.approve": async ({ ref, key }: OperationInput<"servers.approve">, context: CallContext) => {
      const member = memberOf(ref, context);
      await member.approve(key);
      return viewOf(context).describe(member);
    },
    "servers.revoke": async ({ ref }: OperationInput<"servers.revoke">, context: CallContext) => {
      const member = memberOf(ref, context);
      await fleet.revoke(member);
      return viewOf(context).describe(member);
    },
    "servers.join_code": async (input: OperationInput<"servers.join_code">, { reachedAt }: CallContext) => {
      const { id, code, expiresAtMs } = await fleet.makeJoinCode(input);
      const url = reachedAt() ?? identity.joinUrl;
      const command = url === null ? null : `fleetty worker --join ${url}${auth.basePrefix}`;
      return { id, code, expires_at: new Date(expiresAtMs).toISOString(), command };
    },
    "servers.join_code_revoke": async ({ id }: OperationInput<"servers.join_code_revoke">) => {
      await fleet.joinCodes.revoke(id, Date.now());
    },
  };
}

function takesWork({ cordoned, draining }: { readonly cordoned: boolean; readonly draining: boolean }): boolean {
  return !cordoned && !draining;
}

/** What can be changed of this server itself while it runs. Throws `invalid_request` for the rest, and says where that is changed. */
function changeOfItself({ name, token, ...change }: MemberChange): RecordChange<OwnServerRecord> {
  const refused = (field: string, why: string) => new FleettyError("invalid_request", why, { field });
  if (name !== undefined) {
    const how = "start it with --hostname NAME, or with hostname in [server] of its config.toml";
    throw refused("name", `this server itself is called what it is started as; ${how}`);
  }
  if (token !== undefined) {
    const how = "its own is replaced by fleetty token rotate (POST /server/token)";
    throw refused("token", `this server needs no token to reach itself; ${how}`);
  }
  return change;
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
