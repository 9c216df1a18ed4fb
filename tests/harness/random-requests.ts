// Makes HTTP requests that nobody would write, from the operation table alone, so that a new row or member is asked for by
// itself. The same for a seed and a number, but for what answers have told meanwhile.
import { httpForm } from "@fleetty/protocol/http-form";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import * as z from "zod";
import { Dice } from "./dice.ts";
import type { Learned } from "./learned.ts";
import { type Member, RandomMembers, steadyFor } from "./random-members.ts";
import { type Draft, framed } from "./request-bytes.ts";
import { jsonObject, jsonText, type Schema } from "./schema-values.ts";

/** How a request gets there: over the unix socket, over TCP with the root token, or over TCP from an address of its own. */
export type Way = "unix" | "tcp" | "stranger";

export interface RandomRequest {
  /** Whose word the answer is; null where there is no such operation. */
  readonly row: AnyOperation | null;
  readonly way: Way;
  readonly bytes: Buffer;
  readonly isHead: boolean;
  /** Whether the connection may be of no use after it. */
  readonly isLast: boolean;
  /** The caller goes without waiting for an answer. */
  readonly leaves: boolean;
}

/** Under which the tokens of browsers are learned. */
export const BROWSER_TOKEN = "browser token";

/** References that are no name: broken encodings, other paths, ids of nothing. */
const ODD_SEGMENTS = [
  ...["%ff", "%", "%zz", "%00", "..", ".", "%2e%2e", "%2F", "a%2Fb", "*", "\xe9", "x".repeat(300), "__proto__"],
  ...["ses_", "ses_01ARZ3NDEKTSV4RRFFQ69G5FAV", "ses_01arz3ndektsv4rrffq69g5fav", "%73es_x"],
];
const ODD_QUERIES = ["&", "=", "%", "%ff=%zz", "x=1", "&&=", "+=+", "[]=", "__proto__=1", "server=local&server=local"];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PURGE", "get", "CONNECT"];
const KEYS = Array.from({ length: 8 }, (_, index) => `key-${index}`);
const ODD_KEYS = ["", "x".repeat(129), "a b", "\xe9", "x".repeat(128)];
const JSON_TYPE = "application/json";
const ODD_TYPES = ["text/plain", "", "application/jsonx", "application/json; charset=utf-16", "APPLICATION/JSON;", "x"];

/** A row as it is asked for. */
interface Shape {
  readonly row: AnyOperation;
  readonly method: string;
  readonly path: string;
  readonly matches: RegExp;
  readonly rest: "query" | "json" | "octets";
  /** Members that do not stand in the path. */
  readonly members: ReadonlyMap<string, Schema>;
  readonly required: readonly string[];
  readonly inPath: ReadonlyMap<string, Schema>;
}

export interface RandomRequestsOptions {
  readonly seed: number;
  /** What answers have told. */
  readonly learned: Learned;
  /** The root token. */
  readonly token: string;
}

export class RandomRequests {
  readonly #learned: Learned;
  readonly #seed: number;
  readonly #token: string;
  readonly #shapes: readonly Shape[];
  /**
   * Each path once; what is about one session twice, but for ends; what makes them more often, since all others need them, and
   * what takes so many members that few make it right.
   */
  readonly #weighted: readonly Shape[];

  private constructor({ seed, token, learned }: RandomRequestsOptions, shapes: readonly Shape[]) {
    this.#learned = learned;
    this.#seed = seed;
    this.#token = token;
    this.#shapes = shapes;
    const making = shapes.filter(({ row }) => row.keyed);
    const ends = ({ row }: Shape) => row === operations["sessions.kill"] || row.name.endsWith(".clear");
    const onOne = shapes.filter((shape) => shape.inPath.size > 0 && !ends(shape));
    const seldomRight = shapes.filter(({ row }) => SELDOM_RIGHT.includes(row.name));
    const oftener = [...making, ...seldomRight];
    this.#weighted = [...shapes, ...onOne, ...oftener, ...oftener, ...oftener, ...oftener];
  }

  static async of(options: RandomRequestsOptions): Promise<RandomRequests> {
    const rows: AnyOperation[] = Object.values(operations);
    return new RandomRequests(options, (await Promise.all(rows.map(shapesOf))).flat());
  }

  /** The request of that number. */
  make(number: number): RandomRequest {
    const dice = new Dice(this.#seed * 1_000_003 + number);
    const shape = this.#shapeOf(number);
    const parts = { dice, learned: this.#learned, shapes: this.#shapes, token: this.#token, row: shape.row };
    return new Making(parts).request(shape);
  }

  /** Each as often as any other of its weight: they come in rounds, of another order each. */
  #shapeOf(number: number): Shape {
    const all = this.#weighted;
    const round = new Dice(this.#seed * 7_919 + Math.floor(number / all.length));
    return round.shuffled(all)[number % all.length] as Shape;
  }
}

async function shapesOf(row: AnyOperation): Promise<Shape[]> {
  const { input } = await row.schemas();
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" }) as Schema;
  const form = httpForm(row);
  if (!form) return [];
  const all = Object.entries(properties).filter(([name]) => name !== row.octets?.body);
  const isInPath = (name: string) => form.pathMembers.includes(name);
  return [form.path, ...(row.aliases ?? [])].map((path) => ({
    row,
    method: form.method,
    path,
    matches: new RegExp(`^${path.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    rest: form.rest,
    members: new Map(all.filter(([name]) => !isInPath(name))),
    required: required.filter((name) => !isInPath(name) && name !== row.octets?.body),
    inPath: new Map(all.filter(([name]) => isInPath(name))),
  }));
}

interface MakingParts {
  readonly dice: Dice;
  readonly learned: Learned;
  readonly shapes: readonly Shape[];
  readonly token: string;
  readonly row: AnyOperation;
}

/** One request while it is made. */
class Making {
  readonly #dice: Dice;
  readonly #learned: Learned;
  readonly #shapes: readonly Shape[];
  readonly #token: string;
  readonly #leaves: boolean;
  readonly #members: RandomMembers;

  constructor({ dice, learned, shapes, token, row }: MakingParts) {
    this.#dice = dice;
    this.#learned = learned;
    this.#shapes = shapes;
    this.#token = token;
    this.#leaves = dice.chance(0.015);
    this.#members = new RandomMembers({ dice, learned, row, leaves: this.#leaves });
  }

  request(shape: Shape): RandomRequest {
    const dice = this.#dice;
    const method = dice.chance(0.04)
      ? dice.of(METHODS)
      : shape.method === "GET" && dice.chance(0.04)
        ? "HEAD"
        : shape.method;
    const path = this.#mangled(this.#path(shape));
    const row = this.#rowAt(method, path);
    const way = this.#way(row);
    const key = this.#key(shape);
    const members = this.#members.some(shape);
    const { query, body, type } = this.#placed(shape, members);
    const upgrade = dice.chance(shape.row.kind === "stream" ? 0.6 : 0.01);
    // The other form of its answer never ends.
    const accept = shape.row.kind === "events" ? [["accept", "application/json"] as const] : [];
    const credential = this.#credential(way);
    const draft: Draft = {
      method,
      target: `${dice.chance(0.01) ? "http://localhost" : ""}${path}${this.#queryText(query, way, upgrade)}`,
      headers: [
        ...credential,
        ...key,
        ...accept,
        ...(type === undefined || type === "" ? [] : [["content-type", type] as const]),
      ],
      body,
      upgrade,
      leaves: this.#leaves,
    };
    const { isUpgrade, ...sent } = framed(draft, dice);
    // The face of streams answers an upgrade, and knows no other operation.
    const answering = isUpgrade && row?.kind !== "stream" ? null : row;
    return { row: answering, way, isHead: method === "HEAD", leaves: this.#leaves, ...sent };
  }

  #path({ row, path, inPath }: Shape): string {
    const steady = steadyFor(row);
    return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      if (name === "session" && steady !== undefined && this.#dice.chance(0.5)) return steady;
      if (this.#dice.chance(0.08)) return this.#dice.of(ODD_SEGMENTS);
      const ids = this.#dice.chance(name === "id" ? 0.6 : 0.25) ? this.#learned.of(kindOfIds(row, name)) : [];
      const text = ids.length > 0 ? this.#dice.of(ids) : this.#members.right(inPath.get(name) ?? {}, name);
      const segment = encoded(String(text));
      return this.#dice.chance(0.03) ? doublyEncoded(segment) : segment || "%20";
    });
  }

  /** Seldom another path than was meant, of which most are nothing. */
  #mangled(path: string): string {
    if (!this.#dice.chance(0.03)) return path;
    return this.#dice.ofThese(
      () => `${path}/`,
      () => `/${path}`,
      () => `/x${path}`,
      () => path.replace("s", "%73"),
      () => path.toUpperCase(),
      () => `${path};a=b`,
      () => `${path}%00`,
      () => `/.${path}`,
    );
  }

  #rowAt(method: string, path: string): AnyOperation | null {
    const wanted = method === "HEAD" ? "GET" : method;
    return this.#shapes.find((one) => one.method === wanted && one.matches.test(path))?.row ?? null;
  }

  /**
   * What the unix socket alone may change is asked over TCP, where it is refused; what presents a credential in its body is
   * not asked from the address of all others, which would be shut out for failing.
   */
  #way(row: AnyOperation | null): Way {
    const changes = row !== null && row.audit !== "none";
    if (this.#dice.chance(0.03)) return "stranger";
    if (changes && row.verb === "unix") return "tcp";
    if (changes && row.verb === "public") return "unix";
    // Only a browser has a session to end.
    if (row === operations["auth.session_end"] && this.#dice.chance(0.5)) return "stranger";
    return this.#dice.of(["unix", "tcp"]);
  }

  #credential(way: Way): Draft["headers"] {
    if (way === "unix") return [];
    if (way === "tcp") return [["authorization", `Bearer ${this.#token}`]];
    const tokens = this.#tokens();
    // Few of them last: half of the strangers that know some show one.
    if (tokens.length > 0 && this.#dice.chance(0.5)) return [["authorization", this.#dice.of(tokens)]];
    const shown = this.#dice.of([
      undefined,
      "Bearer x",
      "Basic eDp4",
      "Bearer",
      `Bearer ${"x".repeat(5_000)}`,
      ...tokens,
    ]);
    return shown === undefined ? [] : [["authorization", shown]];
  }

  /** Of browsers, which may have ended. */
  #tokens(): string[] {
    return this.#learned.of(BROWSER_TOKEN).map((token) => `Bearer ${token}`);
  }

  /** A key of a few; most of those that come with one come with the body that was its first. */
  #key({ row }: Shape): Draft["headers"] {
    const dice = this.#dice;
    if (!row.keyed || !dice.chance(0.15)) return [];
    if (dice.chance(0.15)) return [["idempotency-key", dice.of(ODD_KEYS)]];
    const key = dice.of(KEYS);
    if (dice.chance(0.7)) this.#members.useOnly(new Dice(KEYS.indexOf(key)));
    return [["idempotency-key", key], ...(dice.chance(0.02) ? [["idempotency-key", "again"] as const] : [])];
  }

  /** Where members travel: all in the query, or in the body but `server`, which may be in either or both. */
  #placed(shape: Shape, members: Member[]): { query: Member[]; body: Buffer | undefined; type?: string } {
    const dice = this.#dice;
    const hasBody = dice.chance(0.02);
    if (shape.rest === "query") return { query: members, body: hasBody ? dice.bytes(dice.below(50)) : undefined };
    if (shape.rest === "octets") {
      const body = dice.bytes(dice.chance(0.02) ? 6_000 : dice.below(100));
      return {
        query: members,
        body,
        ...(dice.chance(0.5) && { type: dice.of([JSON_TYPE, "application/octet-stream", ...ODD_TYPES]) }),
      };
    }
    const query = members.filter(([name]) => name === "server" && dice.chance(0.5));
    const inBody = dice.chance(0.3) ? members : members.filter((one) => !query.includes(one));
    const type = dice.chance(0.96) ? JSON_TYPE : dice.of(ODD_TYPES);
    return { query, body: this.#jsonBody(shape, inBody), type };
  }

  #jsonBody({ row }: Shape, members: Member[]): Buffer {
    const dice = this.#dice;
    const json = Buffer.from(jsonObject(members));
    if (dice.chance(0.9)) return json;
    const spoilt = dice.ofThese<string | Buffer>(
      () => json.subarray(0, dice.below(json.byteLength)),
      () => Buffer.concat([json, dice.bytes(3)]),
      () => `\ufeff${json}`,
      () => json.toString().replace(":", ":\t\r\n "),
      () => Buffer.from(json.toString(), "utf16le"),
      () => `{"x":${"[".repeat(5_000)}`,
      () => `${'{"x":'.repeat(64)}1${"}".repeat(64)}`,
      () => jsonText(dice.of([[], null, 1, "x", true, [{}]])),
      () => (dice.chance(0.03) ? Buffer.alloc(1_048_577, 0x20) : " "),
    );
    // Nothing said is a long wait.
    return row.blocks && spoilt.length === 0 ? json : Buffer.from(spoilt);
  }

  #queryText(members: Member[], way: Way, upgrade: boolean): string {
    const dice = this.#dice;
    const pairs = members.map(([name, value]) => `${encoded(name)}=${this.#asText(value)}`);
    if (dice.chance(0.04)) pairs.push(dice.of(ODD_QUERIES));
    if (upgrade && way === "stranger") pairs.push(`ticket=${this.#learned.like("ticket", dice) ?? "x"}`);
    return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  }

  #asText(value: unknown): string {
    if (this.#dice.chance(0.02)) return this.#dice.of(["%", "%ff", "%zz", "+", "%00", "1e3", "0x10", "9".repeat(30)]);
    if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.map(encoded).join(",");
    return encoded(typeof value === "string" ? value : jsonText(value));
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Each letter as three. */
function doublyEncoded(segment: string): string {
  return segment.includes("%")
    ? segment
    : segment.replaceAll(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
}

/** Under which ids are known of what a member of a path is about. */
function kindOfIds({ name }: AnyOperation, member: string): string {
  if (member === "session") return "ses_";
  return KINDS.find(([rows]) => name.startsWith(rows))?.[1] ?? "id";
}

const SELDOM_RIGHT: readonly string[] = ["fleet.wait", "auth.session"];

const KINDS = [
  ["tokens.", "tok_"],
  ["servers.join_code", "jcd_"],
  ["sessions.overlays.", "overlay"],
  ["sessions.panels.", "panel"],
] as const;
