// Reads what config.toml says of the fleet: the servers to dial, with which tokens, and where dialling may lead. One schema,
// from which docs/operating.md prints; a refusal names file, line and key, and never a token. Dials nobody.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ConfiguredServer } from "@fleetty/hub/fleet/configured-fleet";
import { type DialledAddress, readDialledAddress } from "@fleetty/hub/fleet/dialled-address";
import { IpAccess } from "@fleetty/hub/fleet/ip-access";
import { SharedToken } from "@fleetty/hub/fleet/token-cascade";
import { FleettyError } from "@fleetty/protocol/errors";
import { memberLabels, memberName, memberToken } from "@fleetty/protocol/schemas/servers";
import { Secret } from "@fleetty/protocol/secret";
import * as z from "zod";
import { type ConfigFile, isTable, type Spot } from "./config-file.ts";
import { readMemberTokenFile } from "./member-token-file.ts";

const texts = () => z.array(z.string("is to be a list of texts"), "is to be a list of texts");
const text = () => z.string("is to be a text");

const server = z.strictObject(
  {
    address: text().describe(
      "`http://` or `https://`, host, port and perhaps a path prefix; or `unix:` and the path of a worker's socket",
    ),
    token_file: text().optional().describe("file with that server's token, closed to others"),
    token: memberToken.optional().describe("the token itself; give one of the two, or none"),
    name: memberName.optional().describe("hostname in place of the one that it reports"),
    labels: memberLabels.optional().describe('`{ role = "web" }`: by which servers are chosen'),
  },
  "is to be a table: [[servers]]",
);

const schema = z.strictObject({
  default_token_file: text()
    .optional()
    .describe("file with a token for members that have none of their own, closed to others"),
  default_token: memberToken.optional().describe("that token itself; give one of the two"),
  default_token_for: texts()
    .optional()
    .describe("whom it may be sent to, over TLS or on loopback: addresses, networks, names, `*.build.example`"),
  servers: z.array(server, "is to be tables: [[servers]]").default([]),
  ip_access: z
    .strictObject(
      {
        allowlist: texts().default([]).describe("addresses and networks that may be dialled; empty: all"),
        blocklist: texts().default([]).describe("those that may not be, whatever the allowlist says"),
      },
      "is to be a table: [ip_access]",
    )
    .optional(),
  tls: z
    .strictObject(
      {
        ca_file: text()
          .optional()
          .describe("PEM of the authorities of `https://` members, in place of the public ones"),
      },
      "is to be a table: [tls]",
    )
    .optional(),
  // Read elsewhere.
  server: z.unknown().optional(),
  worker: z.unknown().optional(),
  grants: z.unknown().optional(),
  secrets: z.unknown().optional(),
  presets: z.unknown().optional(),
});

type Tables = z.output<typeof schema>;

/** What the file says of the fleet. */
export interface FleetTables {
  readonly servers: readonly ConfiguredServer[];
  readonly shared: SharedToken | null;
  readonly access: IpAccess;
  /** PEM; undefined: the public authorities. */
  readonly ca: readonly string[] | undefined;
}

/** Each key of the fleet as an operator meets it, in the order of the schema. */
export function describeFleetKeys(): { key: string; says: string }[] {
  return Object.entries(schema.shape).flatMap(([name, part]) => {
    const shape = shapeOf(part);
    if (!shape) return part.description ? [{ key: name, says: part.description }] : [];
    const table = name === "servers" ? "[[servers]]" : `[${name}]`;
    return Object.entries(shape).map(([key, one]) => ({ key: `${table} ${key}`, says: one.description ?? "" }));
  });
}

function shapeOf(part: z.ZodType): Readonly<Record<string, z.ZodType>> | null {
  if (part instanceof z.ZodObject) return part.shape;
  if (part instanceof z.ZodArray) return shapeOf(part.element as z.ZodType);
  if (part instanceof z.ZodDefault || part instanceof z.ZodOptional) return shapeOf(part.unwrap() as z.ZodType);
  return null;
}

/** Without a file: no servers, and no rules. Throws `invalid_request` or `forbidden`. */
export function fleetIn(file: ConfigFile | null): FleetTables {
  if (!file)
    return { servers: [], shared: null, access: new IpAccess({ allowlist: [], blocklist: [] }), ca: undefined };
  const reader = new FleetReader(file);
  return { servers: reader.servers(), shared: reader.shared(), access: reader.access(), ca: reader.ca() };
}

/** Sees that nothing in these tables is unknown or of another kind; what they name is not looked at. Throws `invalid_request`. */
export function checkFleet(file: ConfigFile): void {
  new FleetReader(file);
}

/** Keys that are looked for in a table of ours and stand in another. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "tls.cert_file": "tls_cert in [server]",
  "tls.key_file": "tls_key in [server]",
};

class FleetReader {
  readonly #file: ConfigFile;
  readonly #tables: Tables;

  constructor(file: ConfigFile) {
    this.#file = file;
    const read = schema.safeParse(file.content);
    if (!read.success) throw this.#refusedBy(read.error.issues);
    this.#tables = read.data;
  }

  servers(): ConfiguredServer[] {
    const spots = new Map<string, number>();
    const names = new Map<string, number>();
    return this.#tables.servers.map((one, at) => {
      const { text: address, scheme } = this.#addressOf(one.address, at);
      this.#requireNew(spots, address, { table: "servers", at, key: "address" });
      if (scheme === "unix") this.#requireNoToken(one, at);
      if (one.name) this.#requireNew(names, one.name.toLowerCase(), { table: "servers", at, key: "name" });
      const token = this.#tokenOf(one, ["token", "token_file"], { table: "servers", at });
      return { address, token, name: one.name ?? null, labels: sorted(one.labels ?? {}) };
    });
  }

  shared(): SharedToken | null {
    const token = this.#tokenOf(this.#tables, ["default_token", "default_token_file"], { table: null });
    const { default_token_for: listed = [] } = this.#tables;
    const spot = { table: null, key: "default_token_for" };
    const patterns = this.#in(spot, () => new SharedToken(token ?? new Secret(""), listed));
    if (token === null) return null;
    if (listed.length > 0) return patterns;
    const key = this.#tables.default_token === undefined ? "default_token_file" : "default_token";
    const problem = 'is sent to nobody without default_token_for, a list such as ["10.0.1.0/24", "*.build.example"]';
    throw this.#file.refused({ table: null, key }, `${key} ${problem}`);
  }

  access(): IpAccess {
    const { allowlist = [], blocklist = [] } = this.#tables.ip_access ?? {};
    this.#in({ table: "ip_access", key: "blocklist" }, () => new IpAccess({ allowlist: [], blocklist }));
    return this.#in({ table: "ip_access", key: "allowlist" }, () => new IpAccess({ allowlist, blocklist }));
  }

  ca(): readonly string[] | undefined {
    const path = this.#tables.tls?.ca_file;
    if (path === undefined) return undefined;
    try {
      const text = readFileSync(path, "utf8");
      // Whoever makes a context of it would pass over what cannot be read.
      new X509Certificate(text);
      return [text];
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const problem = code?.startsWith("ERR_") === false ? `cannot be read (${code})` : "holds no certificate in PEM";
      throw this.#file.refused({ table: "tls", key: "ca_file" }, `ca_file in [tls]: ${path} ${problem}`);
    }
  }

  #addressOf(written: string, at: number): DialledAddress {
    try {
      return readDialledAddress(written);
    } catch (thrown) {
      if (!(thrown instanceof FleettyError)) throw thrown;
      throw this.#file.refused({ table: "servers", at, key: "address" }, `[[servers]]: ${thrown.message}`);
    }
  }

  #requireNoToken(one: Tables["servers"][number], at: number): void {
    const key = (["token", "token_file"] as const).find((name) => one[name] !== undefined);
    if (key === undefined) return;
    const spot = { table: "servers", at, key };
    throw this.#file.refused(
      spot,
      `${called(spot)} is sent over no socket, whose own key lies beside it; leave it out`,
    );
  }

  #requireNew(seen: Map<string, number>, value: string, spot: Spot & { at: number }): void {
    const before = seen.get(value);
    seen.set(value, spot.at);
    if (before === undefined) return;
    const other = this.#file.place({ ...spot, at: before });
    throw this.#file.refused(spot, `${spot.key} in [[servers]]: ${value} stands at ${other} already`);
  }

  /** An empty text is no token. */
  #tokenOf<Key extends string>(
    from: { readonly [K in Key]?: string | undefined },
    [key, fileKey]: readonly [Key, Key],
    spot: Spot,
  ): Secret | null {
    const { [key]: written, [fileKey]: path } = from;
    if (written !== undefined && path !== undefined)
      throw this.#file.refused({ ...spot, key: fileKey }, `${fileKey} and ${key} both bring a token; give one of them`);
    if (written) this.#file.requirePrivate({ ...spot, key });
    if (path === undefined) return written ? new Secret(written) : null;
    const read = readMemberTokenFile(path);
    if (read instanceof Secret) return read;
    const where = { ...spot, key: fileKey };
    throw new FleettyError(read.code, `${this.#file.place(where)}: ${called(where)}: ${read.says}`);
  }

  #in<T>(spot: Spot, make: () => T): T {
    try {
      return make();
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      throw this.#file.refused(spot, `${called(spot)}: ${thrown.message}`);
    }
  }

  /** A key that nobody knows comes first: it is probably the one that is missing, misspelt. */
  #refusedBy(issues: readonly z.core.$ZodIssue[]): FleettyError {
    for (const issue of issues) {
      if (issue.code === "unrecognized_keys") return this.#unknown(spotOf([...issue.path, issue.keys[0] ?? ""]));
    }
    const [issue] = issues as readonly [z.core.$ZodIssue];
    const spot = spotOf(issue.path);
    return this.#file.refused(spot, `${called(spot)} ${issue.message}`);
  }

  #unknown(spot: Spot): FleettyError {
    const { table, key = "" } = spot;
    const meant = ELSEWHERE[`${table}.${key}`];
    const name = table === null && isTable(this.#file.content[key]) ? `table [${key}]` : called(spot);
    return this.#file.refused(spot, `${name} is not known${meant === undefined ? "" : `; it is ${meant}`}`);
  }
}

function spotOf([first, second, third]: readonly PropertyKey[]): Spot {
  const table = String(first);
  if (first === undefined) return { table: null };
  if (typeof second === "number") return { table, at: second, key: third === undefined ? undefined : String(third) };
  return second === undefined || table.startsWith("default_")
    ? { table: null, key: table }
    : { table, key: String(second) };
}

/** `address in [[servers]]`, `allowlist in [ip_access]`, `default_token_for`. */
function called({ table, at, key }: Spot): string {
  const name = at === undefined ? `[${table}]` : `[[${table}]]`;
  if (key === undefined) return name;
  return table === null ? key : `${key} in ${name}`;
}

function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}
