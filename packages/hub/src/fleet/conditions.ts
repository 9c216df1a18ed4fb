// What is not as it should be about one server: notices a link that comes and goes, and what of all conditions is news. Pure: the
// caller brings what others have found, and the clock, which is monotonic.
import type { OperationOutput } from "@fleetty/protocol/operations";

export type Condition = OperationOutput<"servers.get">["conditions"][number];

/** So many losses within that time, and how long it is said after the last of them (link protocol, conditions). */
const LOSSES = 3;
const WITHIN_MS = 60_000;
const SAID_MS = 300_000;

const FLAPPING = "its link was lost three times within a minute; look at the network between, and at its log";

/** Whether a link is lost again and again. */
export class Flapping {
  #lossesMs: readonly number[] = [];
  #untilMs = 0;
  #since = "";

  lost(nowMs: number): void {
    this.#lossesMs = [...this.#lossesMs, nowMs].slice(-LOSSES);
    const [first = nowMs] = this.#lossesMs;
    if (this.#lossesMs.length < LOSSES || nowMs - first > WITHIN_MS) return;
    if (nowMs >= this.#untilMs) this.#since = new Date().toISOString();
    this.#untilMs = nowMs + SAID_MS;
  }

  conditions(nowMs: number): readonly Condition[] {
    return nowMs < this.#untilMs ? [{ type: "Flapping", reason: FLAPPING, since: this.#since }] : [];
  }
}

export interface ConditionChange {
  readonly condition: string;
  /** False when it is over. */
  readonly active: boolean;
  readonly reason: string;
}

export interface ConditionSources {
  /** As the member said last. */
  readonly own: () => readonly Condition[];
  /** What else is known to be so. */
  readonly found: () => readonly Condition[];
}

/** What of the conditions of one server has been told, by their types. */
export class ToldConditions {
  #told: readonly Condition[] = [];

  /** What is different in those that are present from what was told. */
  changes(present: readonly Condition[]): readonly ConditionChange[] {
    const before = this.#told;
    if (present.length === 0 && before.length === 0) return [];
    this.#told = present;
    const over = before.filter(({ type }) => !present.some((one) => one.type === type));
    const begun = present.filter(({ type }) => !before.some((one) => one.type === type));
    return [...over.map((one) => changeOf(one, false)), ...begun.map((one) => changeOf(one, true))];
  }
}

export class MemberConditions {
  readonly flapping = new Flapping();
  readonly #sources: ConditionSources;
  readonly #told = new ToldConditions();

  constructor(sources: ConditionSources) {
    this.#sources = sources;
  }

  /** What is so; of what the member itself says only where that can be known now. */
  now(isLinked: boolean, nowMs: number): Condition[] {
    const { own, found } = this.#sources;
    return [...(isLinked ? own() : []), ...found(), ...this.flapping.conditions(nowMs)];
  }

  /** What has changed since the last call; what the member said before its link was lost is not known to be over. */
  changes(nowMs: number): readonly ConditionChange[] {
    return this.#told.changes(this.now(true, nowMs));
  }
}

function changeOf({ type, reason }: Condition, active: boolean): ConditionChange {
  return { condition: type, active, reason };
}
