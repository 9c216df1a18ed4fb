// Keeps what answers told, by the names of members, so that later requests are about what there is: a ticket, an epoch, the
// id of a session. Bounded: of each name the last few.
import type { Dice } from "./dice.ts";

const KEPT_EACH = 8;
/** Members by which an answer calls its session. */
const CALLING = ["session", "name", "id"];

export class Learned {
  readonly #kept: readonly string[];
  readonly #values = new Map<string, unknown[]>();

  /** `kept`: names of sessions that nobody is to meddle with; what an answer calls them by is not learned. */
  constructor(kept: readonly string[]) {
    this.#kept = kept;
  }

  /** The members of an object. Lists are left alone: they tell of sessions that nobody is to meddle with. */
  take(answer: unknown): void {
    if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return;
    const { session, name: called } = answer as { session?: unknown; name?: unknown };
    const isOfKept = this.#kept.some((one) => one === session || one === called);
    for (const [name, value] of Object.entries(answer)) {
      if (typeof value === "object" || (isOfKept && CALLING.includes(name))) continue;
      this.#keep(name, value);
      if (name === "id" && String(value).includes("_")) this.#keep(kindOf(String(value)), value);
    }
  }

  #keep(name: string, value: unknown): void {
    this.#values.set(name, [value, ...this.of(name)].slice(0, KEPT_EACH));
  }

  of(name: string): readonly unknown[] {
    return this.#values.get(name) ?? [];
  }

  /** A value that was told under this name, or under its last word: an `epoch` for `since_epoch`. */
  like(member: string, dice: Dice): unknown {
    const values = [...this.of(member), ...this.of(member.slice(member.lastIndexOf("_") + 1))];
    return values.length === 0 ? undefined : dice.of(values);
  }
}

/** What an id begins with, such as `ses_`: ids of one kind are kept under it. */
function kindOf(id: string): string {
  return id.slice(0, id.indexOf("_") + 1);
}
