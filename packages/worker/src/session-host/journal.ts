// Holds the outcomes of one host that the worker has not acknowledged, numbered by one. They are sent again on every
// link until they are. In memory: it dies with the host, whose sessions the worker then judges by their files.
import { randomUUID } from "node:crypto";
import type { EventData } from "@fleetty/protocol/events";

export interface Outcome {
  readonly seq: number;
  readonly event: "session.exited";
  readonly at: string;
  readonly p: EventData<"session.exited">;
}

export class Journal {
  readonly id = `jrn_${randomUUID()}`;
  readonly #outcomes = new Map<number, Outcome>();
  #last = 0;

  get range(): { id: string; first: number; last: number } {
    const [first] = this.#outcomes.keys();
    return { id: this.id, first: first ?? this.#last + 1, last: this.#last };
  }

  add(event: Outcome["event"], p: Outcome["p"]): Outcome {
    this.#last += 1;
    const outcome = { seq: this.#last, event, at: new Date().toISOString(), p };
    this.#outcomes.set(outcome.seq, outcome);
    return outcome;
  }

  /** Everything up to `seq` is on the worker's disk; returns what that was. Of what could not be kept we are the only source. */
  acknowledged(seq: number): Outcome[] {
    const done = [...this.#outcomes.values()].filter((outcome) => outcome.seq <= seq && outcome.p.is_kept);
    for (const outcome of done) this.#outcomes.delete(outcome.seq);
    return done;
  }

  after(seq: number): Outcome[] {
    return [...this.#outcomes.values()].filter((outcome) => outcome.seq > seq);
  }
}
