// Tells what passes in one session to those who ask for it: holds them until something of the kinds that they want has come,
// their time is over, or the session has ended. Owns the timers; what has been told to whom is the ring's and their own business.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { NoticeKind } from "@fleetty/protocol/schemas/notices";
import { type KeptNotices, type News, NoticeRing } from "./notice-ring.ts";

type Wish = OperationInput<"sessions.notices">;
type Answer = OperationOutput<"sessions.notices">;
type End = NonNullable<Answer["ended"]>;

/** Who has asked once asks again; after so long without it nobody follows that kind any more (public contract). */
const FOLLOWED_MS = 60_000;

export interface NoticesParts {
  /** Somebody begins to wait for these. */
  readonly onFollowed: (kinds: readonly NoticeKind[]) => void;
}

export class Notices {
  readonly #parts: NoticesParts;
  readonly #ring = new NoticeRing();
  readonly #waiting = new Set<Waiting>();
  /** When each kind was asked for last, on the monotonic clock. */
  readonly #askedAtMs = new Map<NoticeKind, number>();
  #telling: NodeJS.Immediate | null = null;
  #end: End | null = null;

  constructor(parts: NoticesParts) {
    this.#parts = parts;
  }

  get kept(): KeptNotices {
    return this.#ring.kept;
  }

  /** Whether somebody waits for that kind, or has so lately that the next question may be on its way. */
  isFollowed(kind: NoticeKind): boolean {
    return performance.now() - (this.#askedAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < FOLLOWED_MS;
  }

  /** What comes in one turn is told together. */
  add(news: News): void {
    this.#ring.add(news);
    if (this.#waiting.size > 0) this.#telling ??= setImmediate(() => this.#tell());
  }

  /** The session has ended: who waits is told what is left, and that. */
  ended(end: End): void {
    this.#end = end;
    this.#tell();
  }

  async ask(wish: Wish, signal: AbortSignal): Promise<Answer> {
    const nowMs = performance.now();
    for (const kind of wish.kinds) this.#askedAtMs.set(kind, nowMs);
    const { after } = wish;
    if (after === undefined) return { seq: this.#ring.end, missed: 0, notices: [], ...this.#ending };
    const answer = this.#answer(after, wish.kinds);
    if (wish.max_wait_ms === 0 || isWorthTelling(answer)) return answer;
    this.#parts.onFollowed(wish.kinds);
    return this.#wait(answer.seq, wish, signal);
  }

  #wait(after: number, { kinds, max_wait_ms: maxMs }: Wish, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", gone);
        this.#waiting.delete(waiting);
        for (const kind of kinds) this.#askedAtMs.set(kind, performance.now());
      };
      const answer = (told: Answer) => {
        leave();
        resolve(told);
      };
      const gone = () => {
        leave();
        reject(new FleettyError("cancelled", "the caller has gone"));
      };
      const waiting: Waiting = { after, kinds, answer };
      const timer = setTimeout(() => answer(this.#answer(waiting.after, kinds)), maxMs);
      this.#waiting.add(waiting);
      signal.addEventListener("abort", gone, { once: true });
      if (signal.aborted) gone();
    });
  }

  #tell(): void {
    if (this.#telling) clearImmediate(this.#telling);
    this.#telling = null;
    for (const waiting of [...this.#waiting]) {
      const answer = this.#answer(waiting.after, waiting.kinds);
      if (isWorthTelling(answer)) waiting.answer(answer);
      // What it does not want need not be kept for it.
      else waiting.after = answer.seq;
    }
  }

  #answer(after: number, kinds: readonly NoticeKind[]): Answer {
    return { ...this.#ring.after(after, kinds), ...this.#ending };
  }

  get #ending(): Pick<Answer, "ended"> {
    return this.#end ? { ended: this.#end } : {};
  }
}

interface Waiting {
  /** What has come up to this number concerns it no more. */
  after: number;
  readonly kinds: readonly NoticeKind[];
  readonly answer: (answer: Answer) => void;
}

function isWorthTelling({ notices, missed, ended }: Answer): boolean {
  return notices.length > 0 || missed > 0 || ended !== undefined;
}
