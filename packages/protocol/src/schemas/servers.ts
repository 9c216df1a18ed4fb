// Holds input and output shapes of the operations on the servers of a fleet.
import * as z from "zod";
import { count, nothing, openEnum, serverSet, time } from "./common.ts";
import { programName } from "./presets.ts";

/** Name that an operator gives to a member. */
export const memberName = z
  .string()
  .max(253)
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    "is no hostname",
  )
  .refine((name) => !["local", "resolve", "join-codes"].includes(name.toLowerCase()), "is a reserved word");
const ref = z.string().min(1).max(1100).describe("hostname, id or address of a server; `local` is this one");
const word = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/, "takes 1 to 63 letters, digits, . _ / -");
/** Values may be empty. */
const value = z.union([z.literal(""), word]);
const labels = z.record(word, value).describe("key=value, by which servers are chosen; at most 64");
export const memberLabels = labels.refine((given) => Object.keys(given).length <= 64, "holds more than 64");
/** Goes into a header as it is (RFC 9110, 5.5); empty is none. */
export const memberToken = z
  .string()
  .max(4096)
  .regex(/^[\x20-\x7e]*$/, "takes printable ASCII characters alone");
const token = memberToken.describe("credential for that server, stored encrypted; never shown");

const condition = z.looseObject({ type: z.string(), reason: z.string(), since: time });

/** How a member is, as its hub sees it. */
export const health = openEnum(["connecting", "healthy", "unavailable", "rejected"]);

const serverShape = {
  hostname: z.string().nullable().describe("the name given, else the one that it reports; null while it is not known"),
  address: z.string().describe("`local` for this server itself, `link:` and its id for one that joined"),
  health,
  role: z.literal("member"),
  server_id: z.string().nullable().describe("new at each of its starts"),
  sessions: count().nullable().describe("live ones; null while they are not known"),
  id: z.string(),
  reported_hostname: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  cordoned: z.boolean().describe("takes no new sessions"),
  draining: z.boolean().describe("takes no new sessions, and is to become empty"),
  link: openEnum(["local", "dialled", "joined"]).describe("joined: it dials this server"),
  version: z.string().nullable(),
  latency_ms: z.number().nullable().describe("of the last probe, there and back"),
  since: time.describe("since when its health is what it is"),
  reason: z.string().nullable().describe("why it is unavailable or rejected"),
  last_seen: time.nullable(),
  conditions: z.array(condition),
};

export const server = z.looseObject(serverShape);

export const list = { input: z.object({}), output: z.array(server) };

export const get = {
  input: z.object({ ref }),
  output: z.looseObject({
    ...serverShape,
    link_log: z.array(z.looseObject({ at: time, event: z.string(), detail: z.string().nullable() })),
  }),
};

export const add = {
  input: z.object({
    address: z.string().max(2048).describe("http:// or https://, host, port and perhaps a path prefix"),
    token: token.optional(),
    name: memberName.optional().describe("hostname in place of the one that it reports"),
    labels: memberLabels.optional(),
  }),
  output: z.looseObject({
    address: z.string(),
    health,
    id: z.string(),
  }),
};

export const update = {
  input: z.object({
    ref,
    name: memberName
      .nullable()
      .optional()
      .describe("in place of the hostname that it reports, which null restores; not of this server itself"),
    labels: z.record(word, value.nullable()).optional().describe("null takes a label away"),
    cordoned: z.boolean().optional(),
    draining: z.boolean().optional(),
    token: token
      .nullable()
      .optional()
      .describe("credential for that server, stored encrypted; never shown. null: none"),
  }),
  output: server,
};

const claims = {
  as_of: time.describe("when it was looked at, by that server's clock"),
  version: z.string(),
  os: z.string(),
  arch: z.string(),
  cpus: count().describe("that it may use at once"),
  memory_bytes: count().describe("of the machine, or what its control group allows"),
  disk_free_bytes: count().describe("where sessions are recorded"),
  load1: z.number().min(0).describe("load average of the last minute"),
  max_sessions: count(),
  slots: count().describe("sessions that placement puts there"),
  shells: z.array(z.string()).describe("that its sessions find on their PATH"),
  tools: z
    .array(z.looseObject({ name: z.string(), version: z.string().nullable().describe("null: it does not say") }))
    .optional()
    .describe("other programs that its sessions find there"),
};

/** Programs that one question may name. */
const TOOLS_MAX = 64;

/** Worker only: what its machine has to offer. */
export const workerCapabilities = {
  input: z.object({
    tools: z.array(programName).max(TOOLS_MAX).optional().describe("look for these too"),
    versions: z.boolean().optional().describe("have those be asked for their version that are known to answer"),
    refresh: z.boolean().optional().describe("ask anew"),
  }),
  output: z.looseObject(claims),
};

export const capabilities = {
  input: z.object({ ref, refresh: z.boolean().optional().describe("have its tools asked anew for their versions") }),
  output: z.looseObject({ server: z.string(), ...claims }),
};

export const resolve = {
  input: z.object({ on: serverSet }),
  output: z.looseObject({
    targets: z.array(z.looseObject({ server: z.string(), health })),
    excluded: z.array(z.looseObject({ server: z.string(), because: z.string() })).describe("they take no new work"),
    unknown: z.array(z.string()).describe("names that nobody has"),
    targets_hash: z.string().describe("the same as long as the targets are the same servers"),
  }),
};

export const remove = { input: z.object({ ref }), output: nothing };

export const approve = {
  input: z.object({
    ref,
    key: z
      .string()
      .regex(/^ed25519:[\w-]{43}$/, "is no key such as ed25519:…")
      .optional()
      .describe("the changed key that it greets with now, as its link log has it"),
  }),
  output: server,
};

export const revoke = { input: z.object({ ref }), output: server };

export const joinCode = {
  input: z.object({
    name: memberName.optional().describe("hostname of who joins with it, in place of the one that it reports"),
    labels: memberLabels.optional(),
    ttl_ms: z.int().min(1_000).max(3_600_000).optional().describe("how long it can be used (default: 600000)"),
    approve: z.boolean().optional().describe("who joins with it waits until a person approves it"),
  }),
  output: z.looseObject({
    id: z.string(),
    code: z.string().describe("shown once; good for one server"),
    expires_at: time,
    command: z.string().nullable().describe("what to run there, with the code on its standard input"),
  }),
};

export const joinCodeRevoke = { input: z.object({ id: z.string().min(1).max(64) }), output: nothing };
