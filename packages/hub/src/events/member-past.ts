// Reads from a member's journal what happened there while it could tell nobody.
import { type AnyEvent, readEvent } from "@fleetty/protocol/events";
import { plainAnswer } from "@fleetty/protocol/link";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Member } from "../fleet/member.ts";
import { hubCall } from "../sessions/hub-call.ts";

export interface NumberedEvent {
  readonly event: AnyEvent;
  /** In the journal of its server; 0 for what is in none. */
  readonly seq: number;
}

/** What came next, oldest first. */
export interface Past {
  readonly events: readonly NumberedEvent[];
  /** The journal has been read up to this number; null where there is no journal. */
  readonly upto: number | null;
  /** Whether nothing is missing before it. */
  readonly isWhole: boolean;
}

/** Events in one answer, of some hundred bytes each. */
const PART = 500;

/**
 * What the member's journal has after a number, in parts, until nothing is left. Without a number: nothing, but how far the
 * journal goes. A member of an earlier version has none, and one whose link is lost meanwhile ends it in the same way.
 */
export async function* pastOf(member: Pick<Member, "worker">, after: number | undefined): AsyncGenerator<Past> {
  let from = after;
  for (let isFirst = true; ; isFirst = false) {
    const part = await ask(member, from);
    if (!part) return yield { events: [], upto: null, isWhole: false };
    const { upto, last, whole } = part;
    yield { events: await read(member, part.events), upto, isWhole: !isFirst || whole };
    if (upto >= last) return;
    from = upto;
  }
}

async function ask({ worker }: Pick<Member, "worker">, after: number | undefined) {
  try {
    const asked = { ...(after !== undefined && { after }), limit: PART };
    const answer = await worker.call("worker.journal", asked, hubCall());
    return plainAnswer(answer) as OperationOutput<"worker.journal">;
  } catch {
    return null;
  }
}

/** What this version does not know is passed over. */
async function read({ worker }: Pick<Member, "worker">, parts: readonly { seq: number; event: string; p?: unknown }[]) {
  const told: NumberedEvent[] = [];
  for (const { seq, event: name, p } of parts) {
    const event = await readEvent(name, p).catch(() => null);
    if (event) told.push({ event: { ...event, session: worker.named(event.session) }, seq });
  }
  return told;
}
