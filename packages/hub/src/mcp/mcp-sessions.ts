// Holds the MCP clients of this server, bounded: whoever was silent for long is forgotten, and when all places are taken the
// one that was silent longest goes first, else one of whoever has most. Loaded when the first client comes; knows no HTTP.
import { randomBytes } from "node:crypto";
import { FleettyError } from "@fleetty/protocol/errors";
import { requireValid } from "../auth/while-valid.ts";
import type { CallContext, HubCalls } from "../calls.ts";
import { ownerOf } from "../waits/wait-parts.ts";
import { McpSession } from "./mcp-session.ts";
import { PendingCalls } from "./pending-calls.ts";
import type { Style, Tool } from "./tool.ts";
import type { Came } from "./tool-calls.ts";
import { makeTools } from "./toolbox.ts";

/** Public limits. */
const SESSIONS_MAX = 256;
/** One that neither asks nor listens is forgotten after so long (public contract, MCP). */
const IDLE_MAX_MS = 3_600_000;
const LOOK_EVERY_MS = 60_000;
/** One that was heard a moment ago is about to ask again. */
const SURELY_IDLE_MS = 60_000;
/** The prefix under which tools are those of the older public API. */
const COMPAT_PREFIX = "wsh_";

export interface McpSessionsParts {
  readonly calls: HubCalls;
  readonly version: string;
  /** Longest time of one call, in ms. */
  readonly callMaxMs?: number;
}

export class McpSessions {
  readonly #parts: McpSessionsParts;
  readonly #sessions = new Map<string, McpSession>();
  readonly #pending = new PendingCalls<Came>();
  readonly #tools = new Map<Style, Promise<ReadonlyMap<string, Tool>>>();
  readonly #look: NodeJS.Timeout;

  constructor(parts: McpSessionsParts) {
    this.#parts = parts;
    this.#look = setInterval(() => this.#endIdle(), LOOK_EVERY_MS);
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Throws `auth_invalid` and `resource_limit_reached`. */
  async open(prefix: string, context: CallContext): Promise<McpSession> {
    const style: Style = prefix === COMPAT_PREFIX ? "compat" : "own";
    const tools = await this.#toolsOf(style);
    const { credential } = context.caller;
    requireValid(credential);
    const owner = ownerOf(context);
    this.#makeRoom(owner);
    const session = new McpSession({
      ...this.#parts,
      id: randomBytes(16).toString("hex"),
      owner,
      context,
      tools,
      prefix,
      style,
      pending: this.#pending,
      onClosed: ({ id }) => this.#sessions.delete(id),
    });
    // In the same step as it was looked for, so that many at once do not take one place.
    this.#sessions.set(session.id, session);
    await session.begin();
    requireValid(credential);
    return session;
  }

  /** Throws `not_found` for one that there is not, or that is another's. */
  find(id: string, context: CallContext): McpSession {
    const session = this.#sessions.get(id);
    if (session?.owner === ownerOf(context)) return session;
    throw new FleettyError("not_found", "this MCP session has ended, or is another's; begin one with initialize");
  }

  async close(): Promise<void> {
    clearInterval(this.#look);
    this.#pending.close();
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  #toolsOf(style: Style): Promise<ReadonlyMap<string, Tool>> {
    const made = this.#tools.get(style) ?? makeTools(style);
    this.#tools.set(style, made);
    return made;
  }

  #endIdle(): void {
    for (const session of this.#quietFor(IDLE_MAX_MS)) void session.close();
  }

  #makeRoom(owner: string): void {
    if (this.#sessions.size < SESSIONS_MAX) return;
    const given = longestSilent(this.#quietFor(SURELY_IDLE_MS)) ?? this.#surplus(owner);
    if (given) return void given.close();
    const message = `${SESSIONS_MAX} MCP clients are connected; end one first`;
    throw new FleettyError("resource_limit_reached", message, { limit: "mcp_sessions", max: SESSIONS_MAX });
  }

  /** One of whoever has most, while that is more than `owner` has then: nobody keeps all others out. */
  #surplus(owner: string): McpSession | undefined {
    const byOwner = Map.groupBy(this.#sessions.values(), (session) => session.owner);
    const [most = []] = [...byOwner.values()].sort((one, other) => other.length - one.length);
    if (most.length <= (byOwner.get(owner)?.length ?? 0) + 1) return undefined;
    return longestSilent(most.filter(({ isQuiet }) => isQuiet)) ?? longestSilent(most);
  }

  #quietFor(ms: number): McpSession[] {
    const sinceMs = performance.now() - ms;
    return [...this.#sessions.values()].filter(({ isQuiet, heardAtMs }) => isQuiet && heardAtMs <= sinceMs);
  }
}

function longestSilent(sessions: readonly McpSession[]): McpSession | undefined {
  return sessions.toSorted((one, other) => one.heardAtMs - other.heardAtMs)[0];
}
