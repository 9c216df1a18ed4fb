// Makes a session from what was asked: checks name, tags, limit and folder, decides program and environment, has a host
// start it, and records it. All checks come before a process is started; what fails leaves nothing behind.
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import { checkSessionName, checkTags } from "@fleetty/protocol/names";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { commandLine } from "../pty/command-line.ts";
import { sessionEnvironment } from "../pty/environment.ts";
import { effectiveSize } from "../session/size.ts";
import type { SpawnSpec } from "../session/spec.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import type { HostLink } from "./host-link.ts";
import type { HostSet } from "./host-set.ts";
import { type Entry, rowOf, type SessionIndex } from "./session-index.ts";

/** What the worker's own surroundings give to a session. */
export interface CreationDefaults {
  /** The server's environment, from which an allow list passes. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Further names that pass (`--env-pass`). */
  readonly passNames: readonly string[];
}

export interface CreationParts {
  readonly creation: CreationDefaults;
  readonly store: WorkerStore;
  readonly hostname: string;
  readonly maxSessions: number;
  readonly index: SessionIndex;
  readonly hosts: HostSet;
  readonly onCreated: (info: SessionInfo) => void;
}

type CheckedInput = OperationInput<"sessions.start"> & { readonly tags: string[]; readonly cwd: string };

/** A host that is frozen may answer much later; beyond a day its inventory tells at the next start. */
const ANSWER_MS = 24 * 3_600_000;

const DEFAULT_ROWS = 24;
const DEFAULT_COLS = 80;

export class Creation {
  readonly #parts: CreationParts;
  /** Under way, by the session's id: asked for again, it is the same one. */
  readonly #making = new Map<string, Promise<SessionInfo>>();

  constructor(parts: CreationParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the program runs and the session is on disk. Rejects with `server_timeout` at the caller's deadline; what
   * was asked of a host goes on, so that a program which it starts later still is a session that is known.
   */
  async create(input: OperationInput<"sessions.start">, call: Call): Promise<SessionInfo> {
    const making = this.#making.get(input.id) ?? this.#begin(input, call);
    return inTime(making, call.deadlineMs);
  }

  /** Throws what speaks against it before anything is asked of a host. */
  #begin(input: OperationInput<"sessions.start">, call: Call): Promise<SessionInfo> {
    const { index } = this.#parts;
    if (input.name !== undefined) checkSessionName(input.name);
    const tags = checkTags(input.tags ?? []);
    const cwd = absoluteFolder(input.cwd);
    this.#admit();
    const entry = index.reserve(input.id, input.name);
    const making = this.#make(entry, { ...input, tags, cwd }, call);
    this.#making.set(entry.id, making);
    return making;
  }

  /** Whether nobody has been told of it yet: what it is by then will be told. */
  isMaking(id: string): boolean {
    return this.#making.has(id);
  }

  async #make(entry: Entry, input: CheckedInput, call: Call): Promise<SessionInfo> {
    try {
      const link = await this.#spawnSomewhere(entry, this.#spec(entry, input), call);
      await this.#record(entry, link, call);
      this.#making.delete(entry.id);
      const info = entry.info as SessionInfo;
      this.#parts.onCreated(info);
      return info;
    } catch (thrown) {
      this.#making.delete(entry.id);
      this.#parts.index.forget(entry);
      throw thrown;
    }
  }

  /** A host that is told to go while it is asked refuses, and has said before that it takes no more: another one does. */
  async #spawnSomewhere(entry: Entry, spec: SpawnSpec, call: Call): Promise<HostLink> {
    for (;;) {
      using place = await this.#parts.hosts.placeNewSession();
      const { link } = place;
      try {
        await this.#spawn(entry, link, spec, { ...call, deadlineMs: ANSWER_MS });
        return link;
      } catch (thrown) {
        if (toFleettyError(thrown).code !== "not_ready" || link.takesSessions) throw thrown;
      }
    }
  }

  #admit(): void {
    const { index, maxSessions } = this.#parts;
    if (index.liveCount < maxSessions) return;
    const message = `${maxSessions} sessions are live, which is the limit here; end one or raise --max-sessions`;
    throw new FleettyError("max_sessions_reached", message, { limit: "max_sessions", max: maxSessions });
  }

  #spec(entry: Entry, input: CheckedInput): SpawnSpec {
    const { environment, passNames } = this.#parts.creation;
    const env = sessionEnvironment({ inherited: environment, passNames, asked: input.env ?? {} });
    const { argv, command } = commandLine({ command: input.command, argv: input.argv, shell: env["SHELL"] });
    return {
      id: entry.id,
      name: entry.name,
      server: this.#parts.hostname,
      command,
      argv: [...argv],
      cwd: input.cwd,
      env,
      ...effectiveSize({ rows: input.rows ?? DEFAULT_ROWS, cols: input.cols ?? DEFAULT_COLS }),
      tags: input.tags,
      time_limit_ms: input.time_limit_ms,
      idle_exit_ms: input.idle_exit_ms,
      integration: input.integration,
      prompt: input.prompt,
      rules: input.rules,
      created_at: new Date().toISOString(),
    };
  }

  async #spawn(entry: Entry, link: HostLink, spec: SpawnSpec, call: Call): Promise<void> {
    const end = await link.end();
    const info = (await end.request("sessions.spawn", spec, call)) as SessionInfo;
    // A program may end before the answer is read: its outcome is not taken back.
    if (entry.state === "reserved") this.#parts.index.started(entry, link.id, info);
  }

  /** A session that cannot be recorded is ended again: after a crash nobody would know its name. */
  async #record(entry: Entry, link: HostLink, call: Call): Promise<void> {
    const { store, index } = this.#parts;
    try {
      await store.recordSession(rowOf(entry), index.counter);
    } catch (cause) {
      const end = await link.end();
      await end.request("sessions.end", { session: entry.id }, { ...call, deadlineMs: 10_000 });
      const message = "the session could not be recorded and was ended; free space in the state folder, then try again";
      throw new FleettyError("session_create_failed", message, { step: "record", reason: "store" }, { cause });
    }
  }
}

async function inTime<T>(making: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(notInTime()), deadlineMs);
  });
  try {
    return await Promise.race([making, late]);
  } finally {
    clearTimeout(timer);
  }
}

function notInTime(): FleettyError {
  const message = "the session host did not answer in time; list the sessions to see whether it started after all";
  return new FleettyError("server_timeout", message, { may_have_run: "unknown" });
}

/** Absolute, or below the home directory; whether it is a folder is examined right before the program starts. */
function absoluteFolder(asked: string | undefined): string {
  if (asked === undefined) return homedir();
  if (asked === "~" || asked.startsWith("~/")) return join(homedir(), asked.slice(1));
  if (isAbsolute(asked)) return asked;
  const message = `cwd ${JSON.stringify(asked)} is not absolute; give /… or ~/…`;
  throw new FleettyError("invalid_request", message, { field: "cwd" });
}
