// Remembers what was typed under which id, so that an input is typed once however often it is asked for. Lives as long as
// the session. Knows no terminal and no clock: it is given the time, and what an id stands for as one text.
//
//   writing ──taken by the terminal──► typed (answers as the first time)
//      ├──cut short──► in doubt (never typed again)
//      └──nothing of it taken──► forgotten (free to be typed)
import { FleettyError } from "@fleetty/protocol/errors";

/** Who typed, and what they called it. Principals and clients have ids of their own. */
export interface InputName {
  readonly principal: string;
  readonly client: string | undefined;
  readonly id: string;
}

/** Ids remembered per session, and for how long (public limits). */
const IDS_MAX = 10_000;
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** The first attempt at an input, whose end is also that of every repetition. */
export class Attempt<Answer extends object> {
  /** What was asked for, as a hash: the bytes themselves are not kept. */
  readonly content: string;
  readonly atMs: number;
  readonly #answer: Promise<Answer>;

  constructor(content: string, atMs: number, answer: Promise<Answer>) {
    this.content = content;
    this.atMs = atMs;
    this.#answer = answer;
  }

  /** The first answer, once there is one. Rejects with `input_in_doubt` when it was cut short, else as the first did. */
  async again(): Promise<Answer & { duplicate: true }> {
    try {
      return { ...(await this.#answer), duplicate: true };
    } catch (thrown) {
      throw isUntaken(thrown) ? thrown : inDoubt(thrown);
    }
  }
}

export class InputIds<Answer extends object> {
  /** In the order in which they were first asked for. */
  readonly #attempts = new Map<string, Attempt<Answer>>();

  /** The attempt under that name, if it is remembered. Throws `input_id_conflict` when it was at something else. */
  find(name: InputName, content: string, nowMs: number): Attempt<Answer> | undefined {
    this.#forgetOld(nowMs);
    const attempt = this.#attempts.get(keyOf(name));
    if (attempt && attempt.content !== content) throw conflict(name.id);
    return attempt;
  }

  has(name: InputName): boolean {
    return this.#attempts.has(keyOf(name));
  }

  /** Remembers a first attempt; one of which the terminal takes nothing is forgotten when that is known. */
  begin(name: InputName, content: string, nowMs: number, answer: Promise<Answer>): void {
    const key = keyOf(name);
    const attempt = new Attempt(content, nowMs, answer);
    this.#attempts.set(key, attempt);
    answer.catch((thrown) => {
      if (isUntaken(thrown) && this.#attempts.get(key) === attempt) this.#attempts.delete(key);
    });
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > IDS_MAX) this.#attempts.delete(oldest as string);
  }

  #forgetOld(nowMs: number): void {
    for (const [key, { atMs }] of this.#attempts) {
      if (nowMs - atMs < REMEMBERED_MS) return;
      this.#attempts.delete(key);
    }
  }
}

function keyOf({ principal, client, id }: InputName): string {
  return JSON.stringify([principal, client ?? null, id]);
}

/** Whether it is certain that the terminal has nothing of it. */
function isUntaken(thrown: unknown): boolean {
  if (!(thrown instanceof FleettyError)) return false;
  return thrown.code !== "input_send_failed" || thrown.details?.["written"] === 0;
}

function inDoubt(cause: unknown): FleettyError {
  const written = cause instanceof FleettyError ? (cause.details?.["written"] ?? null) : null;
  const message = "the first attempt under this input_id was cut short; look at the screen, then type under a new one";
  return new FleettyError("input_in_doubt", message, { written }, { cause });
}

function conflict(id: string): FleettyError {
  const message = `something else was typed under the input_id ${JSON.stringify(id)}; choose another`;
  return new FleettyError("input_id_conflict", message);
}
