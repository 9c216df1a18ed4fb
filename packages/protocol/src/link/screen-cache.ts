// Keeps the last whole screen that the other end of a link has answered for each session, until that end says that it has
// changed: a quiet screen is read without crossing a process or a network. Only the age of the last activity moves on by
// itself.
import type { Screen } from "../schemas/common.ts";
import { PreparedJson } from "./prepared-json.ts";

type Format = "styled" | "plain";

interface Kept {
  readonly epoch: number;
  readonly generation: number;
  readonly offset: number;
  /** The answer as JSON, without its last member and closing brace. */
  readonly bytes: Uint8Array;
  /** When the last activity was, on our monotonic clock. */
  readonly activeAtMs: number;
}

/** A read that is under way; void once its other end has said that there is newer. */
interface Asked {
  isCurrent: boolean;
}

/** Sessions whose screens are kept; the one read longest ago is let go (about 10 KB each). */
const KEPT_MAX = 2048;

const encoder = new TextEncoder();

export class ScreenCache {
  readonly #listeners = new Set<(session: string) => void>();
  readonly #kept = new Map<string, Map<Format, Kept>>();
  readonly #asked = new Map<string, Set<Asked>>();
  /** Sessions of which parts were read, which are not kept. */
  readonly #parts = new Set<string>();

  /** Told of each session whose screen may have changed since it was read, or is no longer watched for changes. */
  listen(listener: (session: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The answer of `ask`, which is kept unless the host says meanwhile that the screen has changed: that word may arrive
   * together with the answer, and is heard before whoever asked goes on.
   */
  async fetch(session: string, format: Format, ask: () => Promise<Screen>): Promise<Screen> {
    const asked = this.#ask(session);
    try {
      const screen = await ask();
      if (asked.isCurrent) this.#keep(session, format, screen, performance.now());
      return screen;
    } finally {
      this.#settle(session, asked);
    }
  }

  #ask(session: string): Asked {
    const asked = { isCurrent: true };
    this.#asked.set(session, (this.#asked.get(session) ?? new Set()).add(asked));
    return asked;
  }

  #settle(session: string, asked: Asked): void {
    const others = this.#asked.get(session);
    others?.delete(asked);
    if (others?.size === 0) this.#asked.delete(session);
  }

  #keep(session: string, format: Format, screen: Screen, nowMs: number): void {
    const { last_activity_ms = 0, ...rest } = screen;
    const formats = this.#kept.get(session) ?? new Map<Format, Kept>();
    const { epoch, generation, offset } = screen;
    const bytes = encoder.encode(JSON.stringify(rest).slice(0, -1));
    formats.set(format, { epoch, generation, offset, bytes, activeAtMs: nowMs - last_activity_ms });
    this.#kept.delete(session);
    this.#kept.set(session, formats);
    if (this.#kept.size > KEPT_MAX) this.drop(this.#kept.keys().next().value as string);
  }

  /** The present answer, or undefined when the host has to be asked. */
  read(session: string, format: Format, sinceEpoch: number | undefined, nowMs: number): PreparedJson | undefined {
    const kept = this.#kept.get(session)?.get(format);
    if (!kept) return undefined;
    const { epoch, generation, offset } = kept;
    if (sinceEpoch === epoch) return PreparedJson.of({ epoch, unchanged: true, generation, offset });
    if (sinceEpoch !== undefined) return undefined;
    return aged(kept, Math.max(0, Math.round(nowMs - kept.activeAtMs)));
  }

  /** The answer of `ask`, of which nothing is kept but that somebody has read it. */
  passOn<T>(session: string, ask: () => Promise<T>): Promise<T> {
    this.#parts.delete(session);
    this.#parts.add(session);
    if (this.#parts.size > KEPT_MAX) this.drop(this.#parts.values().next().value as string);
    return ask();
  }

  drop(session: string): void {
    this.#kept.delete(session);
    this.#parts.delete(session);
    for (const asked of this.#asked.get(session) ?? []) asked.isCurrent = false;
    for (const listener of [...this.#listeners]) listener(session);
  }

  clear(): void {
    for (const session of new Set([...this.#kept.keys(), ...this.#asked.keys(), ...this.#parts])) this.drop(session);
  }
}

/** The kept answer with its last member. */
function aged({ bytes }: Kept, lastActivityMs: number): PreparedJson {
  const end = `,"last_activity_ms":${lastActivityMs}}`;
  const whole = new Uint8Array(bytes.byteLength + end.length);
  whole.set(bytes);
  for (let at = 0; at < end.length; at += 1) whole[bytes.byteLength + at] = end.charCodeAt(at);
  return new PreparedJson(whole);
}
