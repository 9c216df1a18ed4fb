// Holds calls of tools that take longer than one answer may: each goes on by itself, to its own end, and whoever has its id asks
// for what came of it, as often as an answer is lost. So nothing between two questions is missed and nothing is done twice.
// Bounded by owner, and forgotten when nobody has asked for an hour. Knows no tool.
import { randomBytes } from "node:crypto";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Gone } from "@fleetty/protocol/gone";
import { within } from "../within.ts";

/** Longest time that one call blocks (public contract, MCP), below the half minute after which clients give up. */
export const CALL_MAX_MS = 25_000;
/** How long a call is remembered after it was last asked for (public contract, MCP). */
const KEPT_MS = 3_600_000;
/** Of one owner; the one that was asked for longest ago goes, and is cancelled where it goes on. */
const OWNER_MAX = 256;

export type Outcome<T> = { readonly value: T } | { readonly thrown: unknown };

export interface PendingCallParts<T> extends Pick<PendingCall<T>, "tool" | "owner" | "startedAtMs" | "args"> {
  /** Ends what is waited for. */
  readonly gone: Gone;
  readonly work: Promise<T>;
}

/** One call, from its beginning to the last time that somebody asks for its outcome. */
export class PendingCall<T> {
  readonly tool: string;
  /** Whose it is: nobody else finds it. */
  readonly owner: string;
  readonly startedAtMs: number;
  /** Of what it was given, that which says where it is. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly outcome: Promise<Outcome<T>>;
  readonly #gone: Gone;

  constructor(parts: PendingCallParts<T>) {
    this.tool = parts.tool;
    this.owner = parts.owner;
    this.startedAtMs = parts.startedAtMs;
    this.args = parts.args;
    this.#gone = parts.gone;
    this.outcome = parts.work.then(
      (value) => ({ value }),
      (thrown: unknown) => ({ thrown }),
    );
  }

  /** What it waits for at the hub ends. */
  cancel(): void {
    this.#gone.went();
  }

  /** The outcome, or null when there is none within `ms`, where that says how long; cancelled with `signal`. */
  async within(ms: number | null, signal: AbortSignal): Promise<Outcome<T> | null> {
    const cancel = () => this.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      return await (ms === null ? this.outcome : within(ms, this.outcome));
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }
}

interface Kept<T> {
  readonly call: PendingCall<T>;
  readonly untilMs: number;
}

export class PendingCalls<T> {
  /** In the order in which they were asked for last. */
  readonly #kept = new Map<string, Kept<T>>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Remembers it; answers the id by which it is found. `id`: what it has already. */
  keep(call: PendingCall<T>, id = `rsm_${randomBytes(16).toString("hex")}`): string {
    this.#forgetOld();
    this.#kept.delete(id);
    const own = [...this.#kept].filter(([, one]) => one.call.owner === call.owner);
    const [oldest] = own;
    if (oldest && own.length >= OWNER_MAX) this.#forget(...oldest);
    this.#kept.set(id, { call, untilMs: this.#nowMs() + KEPT_MS });
    return id;
  }

  /** Throws `invalid_cursor`. */
  find(id: string, { tool, owner }: { readonly tool: string; readonly owner: string }): PendingCall<T> {
    this.#forgetOld();
    const kept = this.#kept.get(id);
    if (kept?.call.tool === tool && kept.call.owner === owner) return kept.call;
    const message = `${tool} has no call to resume under this id: the server was restarted, it was asked for over an hour ago, or by another tool. What was typed stays typed and goes on: read the session, then call ${tool} anew, without resume, for what is still to be done`;
    throw new FleettyError("invalid_cursor", message, { field: "resume" });
  }

  /** Nobody asks any more. */
  close(): void {
    for (const [id, kept] of this.#kept) this.#forget(id, kept);
  }

  #forgetOld(): void {
    const nowMs = this.#nowMs();
    for (const [id, kept] of this.#kept) {
      if (kept.untilMs > nowMs) return;
      this.#forget(id, kept);
    }
  }

  #forget(id: string, { call }: Kept<T>): void {
    call.cancel();
    this.#kept.delete(id);
  }
}
