// Answers `sessions.idle_any`: the first idle session of many, and a cursor under which it is not returned again before it
// has moved on. Decides what a cursor stands for; the race decides who is first.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { CallContext } from "../calls.ts";
import type { SeenSession } from "../fleet/fleet-sessions.ts";
import type { WaitRecord } from "../store/hub-store.ts";
import { IdleRace, type Settled } from "./idle-race.ts";
import { type Returned, ReturnedCursors } from "./returned.ts";
import { Selection } from "./selection.ts";
import { cutMs, isFleetSession, ownerOf, RESTARTED, WAIT_DEFAULT_MS, type WaitParts } from "./wait-parts.ts";
import { invalidCursor, type WaitRecords } from "./wait-records.ts";

type Asked = OperationInput<"sessions.idle_any">;
type Answer = OperationOutput<"sessions.idle_any">;

/** What was lost of what a cursor stands for. */

interface Place {
  readonly row: WaitRecord;
  readonly cursors: ReturnedCursors;
  readonly at: Returned;
  readonly gap: typeof RESTARTED | null;
  /** Its record is on the disk. */
  readonly written: Promise<void>;
}

export class IdleAny {
  readonly #parts: WaitParts;
  readonly #records: WaitRecords;
  readonly #cursors = new Map<string, ReturnedCursors>();

  constructor(parts: WaitParts, records: WaitRecords) {
    this.#parts = parts;
    this.#records = records;
  }

  forget(id: string): void {
    this.#cursors.delete(id);
  }

  async answer(input: Asked, context: CallContext): Promise<Answer> {
    const { fleet, sessions, callOf } = this.#parts;
    const principal = ownerOf(context);
    const see = () => fleet.seenBy(context.caller.credential.facts.scope);
    const selection = new Selection(see, { server: input.server, on: input.on, tags: input.tag });
    // Of one server the refusal is the answer.
    if (input.server !== undefined) see().server(input.server);
    const place = input.cursor === undefined ? this.#begin(principal) : this.#resume(input.cursor, principal);
    const { row, at } = place;
    const returned = at.all;
    const asked = {
      timeoutMs: cutMs(input.timeout_ms),
      maxWaitMs: cutMs(input.max_wait_ms ?? WAIT_DEFAULT_MS),
      format: input.format ?? "styled",
      isFresh: input.fresh ?? false,
      sinceMs: row.started_ms,
      returned,
      seenGeneration: (session: SeenSession) => returned.get(session.info.id)?.generation ?? lastSeen(input, session),
    } as const;
    const gone = context.gone.signal;
    const race = new IdleRace({ fleet, sessions, selection, asked, gone, call: callOf(context) });
    try {
      const settled = await race.run();
      await place.written;
      if (context.notes) context.notes.server = settled.session.info.server;
      return this.#answerOf(settled, place);
    } catch (thrown) {
      throw this.#withCursor(thrown, place, input);
    } finally {
      this.#records.used(row.id);
      if (context.notes) context.notes.partial = selection.unreachable;
    }
  }

  #begin(principal: string): Place {
    const { row, written } = this.#records.begin("idle", principal, {});
    const cursors = new ReturnedCursors(0);
    this.#cursors.set(row.id, cursors);
    return { row, written, cursors, at: cursors.at(0) as Returned, gap: null };
  }

  #resume(cursor: string, principal: string): Place {
    const { row, position } = this.#records.use("idle", cursor, principal);
    const written = Promise.resolve();
    const kept = this.#cursors.get(row.id);
    const at = kept?.at(position);
    if (kept && at) {
      const gap = position > 0 && position === kept.first ? RESTARTED : null;
      return { row, written, cursors: kept, at, gap };
    }
    if (kept && position >= kept.first) throw invalidCursor();
    // What was returned under it was known to an earlier process.
    const cursors = kept ?? new ReturnedCursors(position);
    this.#cursors.set(row.id, cursors);
    return { row, written, cursors, at: cursors.at(cursors.first) as Returned, gap: position > 0 ? RESTARTED : null };
  }

  #answerOf({ session: { info }, answer }: Settled, { row, cursors, at, gap }: Place): Answer {
    const { sessions } = this.#parts;
    const { generation, state = "running" } = answer;
    const entry = { id: info.id, generation, hasEnded: state === "exited" };
    const next = cursors.add(at, entry, (id) => sessions.find(id) !== null);
    return {
      session: info.name,
      server: info.server,
      id: info.id,
      ...answer,
      state,
      cursor: this.#records.cursor(row, next.number),
      ...(gap && { gap }),
    };
  }

  /** A wait that was in vain can be gone on with. */
  #withCursor(thrown: unknown, { row, at }: Place, { cursor }: Asked): unknown {
    const code = thrown instanceof FleettyError ? thrown.code : null;
    if (thrown instanceof FleettyError && (code === "idle_timeout" || code === "server_unavailable")) {
      const same = cursor ?? this.#records.cursor(row, at.number);
      return new FleettyError(thrown.code, thrown.message, { ...thrown.details, cursor: same }, { cause: thrown });
    }
    if (cursor === undefined) this.#records.forget(row.id);
    return thrown;
  }
}

/** `last_generation` is that of one session alone: the one that is named, on every server where none is. */
function lastSeen(input: Asked, session: SeenSession): number | undefined {
  if (input.last_session === undefined) return undefined;
  return isFleetSession(session, input.last_session, input.last_server) ? input.last_generation : undefined;
}
