// Decides which server of a set a new session goes to, and says why: who is left out, by what, and how loaded the others are.
// Pure: the caller gives the servers as they are now, and the clock. Equal input, equal choice.
//
//   in the set ─► may be seen ─► healthy and heard of ─► takes new work ─► has the tool ─► has a slot
//     ─► least loaded ─► free slots ─► nearest ─► id
import { nameOf } from "./find-server.ts";
import type { Health } from "./member.ts";

/** A server as placement looks at it. */
export interface Candidate {
  readonly id: string;
  readonly hostname: string | null;
  readonly health: Health;
  /** Why it is not healthy. */
  readonly reason: string | null;
  /** ms since it was heard of last; 0 for this server itself. */
  readonly silenceMs: number;
  readonly cordoned: boolean;
  readonly draining: boolean;
  /** Live sessions. */
  readonly sessions: number;
  /** How many placement puts there at most; null while it has not said. */
  readonly slots: number | null;
  /** Sessions that are on their way there. */
  readonly reserved: number;
  readonly latencyMs: number | null;
  /** Why it has not what the session needs; absent: it has, or nothing is needed. */
  readonly without?: string | undefined;
}

export interface Scored {
  readonly server: string;
  /** Sessions, and those on their way, by slots. */
  readonly load: number;
}

/** How a choice came about (public contract, placement). */
export interface Placed {
  /** In the order in which they would be tried; none is eligible when it is empty. */
  readonly eligible: readonly Candidate[];
  readonly considered: number;
  readonly rejected: readonly { readonly server: string; readonly because: string }[];
  readonly scores: readonly Scored[];
}

/** A member that has said nothing for so long gets nothing new (link protocol, heartbeats). */
const SILENT_MS = 15_000;

export function place(candidates: readonly Candidate[]): Placed {
  const judged = candidates.map((candidate) => ({ candidate, because: whyNot(candidate) }));
  const eligible = judged.flatMap(({ candidate, because }) => (because === null ? [candidate] : [])).sort(byLoad);
  return {
    eligible,
    considered: candidates.length,
    rejected: judged.flatMap(({ candidate, because }) =>
      because === null ? [] : [{ server: nameOf(candidate), because }],
    ),
    scores: eligible.map((candidate) => ({
      server: nameOf(candidate),
      load: Math.round(loadOf(candidate) * 1_000) / 1_000,
    })),
  };
}

function whyNot(candidate: Candidate): string | null {
  const { health, reason, silenceMs, cordoned, draining, slots, without } = candidate;
  if (health !== "healthy") return reason === null ? health : `${health} (${reason})`;
  if (silenceMs > SILENT_MS) return `silent for ${Math.floor(silenceMs / 1_000)} s`;
  if (draining) return "draining";
  if (cordoned) return "cordoned";
  if (without !== undefined) return without;
  if (slots === null) return "has not said how much it takes";
  return freeSlots(candidate) > 0 ? null : `no free slot of ${slots}`;
}

function byLoad(one: Candidate, other: Candidate): number {
  return (
    loadOf(one) - loadOf(other) ||
    freeSlots(other) - freeSlots(one) ||
    (one.latencyMs ?? Number.POSITIVE_INFINITY) - (other.latencyMs ?? Number.POSITIVE_INFINITY) ||
    (one.id < other.id ? -1 : 1)
  );
}

function loadOf({ sessions, reserved, slots }: Candidate): number {
  return (sessions + reserved) / Math.max(1, slots ?? 0);
}

function freeSlots({ sessions, reserved, slots }: Candidate): number {
  return (slots ?? 0) - sessions - reserved;
}
