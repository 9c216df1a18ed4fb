// The secrets of this machine: those that are kept here, sealed, and those that the operator's configuration says where to
// read. Decides which session may have which; returns a value to nobody but who types it. Knows no terminal.
import type { SealedTexts } from "@fleetty/carrier/sealed-text";
import { FleettyError } from "@fleetty/protocol/errors";
import { checkTags, isSecretName } from "@fleetty/protocol/names";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { Secret } from "@fleetty/protocol/secret";
import type { Logger } from "pino";
import type { SecretRow, WorkerStore } from "../store/worker-store.ts";
import { compilePatterns } from "../waits/pattern.ts";
import { type ConfiguredSecret, readSource, SourceProblem } from "./configured-secret.ts";

export interface SecretsParts {
  readonly store: Pick<WorkerStore, "secrets" | "keepSecret" | "forgetSecret" | "useSecret">;
  readonly sealed: SealedTexts;
  /** By name. */
  readonly configured: ReadonlyMap<string, ConfiguredSecret>;
  /** Ours, for those that are in a variable. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this server. */
  readonly hostname: string;
  readonly log: Logger;
}

/** A secret that is about to be typed. */
export interface FoundSecret {
  readonly value: Secret;
  /** Null: wherever a secret is asked for. */
  readonly prompt: string | null;
}

type Listed = OperationOutput<"secrets.list">["items"][number];

/** Public limits. */
const KEPT_MAX = 1000;
const PAGE_DEFAULT = 100;

export class Secrets {
  readonly #parts: SecretsParts;

  constructor(parts: SecretsParts) {
    this.#parts = parts;
  }

  /** Throws `invalid_request` for a configured one, `invalid_tag`, `invalid_pattern`, `resource_limit_reached`. */
  async set({ name, value, tags = [], prompt }: OperationInput<"secrets.set">): Promise<void> {
    this.#requireKept(name);
    const row = { name, tags: checkTags(tags), prompt: prompt ?? null, created_at: new Date().toISOString() };
    if (prompt !== undefined) compilePatterns([{ regex: prompt }]);
    const { store, sealed } = this.#parts;
    if (await store.keepSecret({ ...row, sealed: sealed.seal(ownerOf(name), new Secret(value)) }, KEPT_MAX)) return;
    const message = `${KEPT_MAX} secrets are kept here already; remove one, then set it again`;
    throw new FleettyError("resource_limit_reached", message, { limit: "secrets", max: KEPT_MAX });
  }

  /** Throws `invalid_request` for a configured one, `secret_not_found`. */
  async remove({ name }: OperationInput<"secrets.remove">): Promise<void> {
    this.#requireKept(name);
    if (!(await this.#parts.store.forgetSecret(name))) throw this.#notFound(name);
  }

  /** By name. Throws `invalid_cursor`. */
  async list({
    limit = PAGE_DEFAULT,
    cursor,
  }: OperationInput<"secrets.list">): Promise<OperationOutput<"secrets.list">> {
    const after = cursor === undefined ? "" : nameIn(cursor);
    const rest = (await this.#all()).filter(({ name }) => name > after);
    const items = rest.slice(0, limit);
    const last = rest.length > items.length ? items.at(-1) : undefined;
    return { items, next_cursor: last ? Buffer.from(last.name).toString("base64url") : null };
  }

  /** For a session with these tags. Throws `secret_not_found`, also for one that cannot be read, or `forbidden {reason: "tags"}`. */
  async find(name: string, tags: readonly string[]): Promise<FoundSecret> {
    const { configured, sealed } = this.#parts;
    const source = configured.get(name);
    const row = source ? undefined : (await this.#parts.store.secrets()).rows.find((one) => one.name === name);
    const known = source ?? row;
    if (!known) throw this.#notFound(name);
    if (known.tags.length > 0 && !known.tags.some((tag) => tags.includes(tag))) throw notForIt(name, known.tags);
    const value = source ? await this.#read(name, source) : sealed.open(ownerOf(name), (row as SecretRow).sealed);
    return { value, prompt: known.prompt };
  }

  /** Notes that it was typed. Nobody waits for the disk. */
  used(name: string): void {
    const { store, log } = this.#parts;
    store
      .useSecret(name, new Date().toISOString())
      .catch((err) => log.warn({ secret: name, err }, "the use of a secret could not be noted"));
  }

  async #read(name: string, { source }: ConfiguredSecret): Promise<Secret> {
    const { environment, hostname, log } = this.#parts;
    try {
      return await readSource(source, environment);
    } catch (thrown) {
      if (!(thrown instanceof SourceProblem)) throw thrown;
      log.warn({ secret: name, problem: thrown.message }, "a configured secret cannot be had");
      const message = `secret ${name} ${thrown.message}; mend [secrets.${name}] in the config.toml of ${hostname}`;
      throw new FleettyError("secret_not_found", message, { server: hostname, reason: "unreadable" });
    }
  }

  async #all(): Promise<Listed[]> {
    const { store, configured, hostname: server } = this.#parts;
    const { rows, uses } = await store.secrets();
    const used = new Map(uses);
    const told = (name: string, source: string, one: Pick<SecretRow, "tags" | "prompt">, createdAt: string | null) => ({
      ...{ name, server, source, tags: [...one.tags], prompt: one.prompt },
      ...{ created_at: createdAt, last_used_at: used.get(name) ?? null },
    });
    const kept = rows.filter(({ name }) => !configured.has(name));
    return [
      ...kept.map((row) => told(row.name, "stored", row, row.created_at)),
      ...[...configured].map(([name, one]) => told(name, one.source.kind, one, null)),
    ].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  #requireKept(name: string): void {
    if (!this.#parts.configured.has(name)) return;
    const { hostname } = this.#parts;
    const message = `secret ${name} is configured on ${hostname}; change [secrets.${name}] in its config.toml`;
    throw new FleettyError("invalid_request", message, { field: "name" });
  }

  #notFound(name: string): FleettyError {
    const { hostname } = this.#parts;
    const message = `${hostname} knows no secret ${JSON.stringify(name)}; list the secrets of that server to see what is there`;
    return new FleettyError("secret_not_found", message, { server: hostname });
  }
}

/** Sealed texts of others are under their ids. */
function ownerOf(name: string): string {
  return `secret ${name}`;
}

function notForIt(name: string, tags: readonly string[]): FleettyError {
  const message = `secret ${name} is for sessions tagged ${tags.join(" or ")} only; this one is not`;
  return new FleettyError("forbidden", message, { reason: "tags" });
}

function nameIn(cursor: string): string {
  const name = Buffer.from(cursor, "base64url").toString("utf8");
  if (isSecretName(name)) return name;
  throw new FleettyError("invalid_cursor", "this cursor is none of this list; begin again without one");
}
