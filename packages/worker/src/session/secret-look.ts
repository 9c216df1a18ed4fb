// One secret that is to be typed, as the session's Waits look at it: until the terminal reads one, or for as long as was given.
// Whether it may be typed is tested in the same step as it is written.
import { FleettyError } from "@fleetty/protocol/errors";
import { type Reluctance, reluctance, secretPrompt } from "./secret-prompt.ts";
import type { Session } from "./session.ts";
import type { Look, Verdict } from "./wait-look.ts";

export interface SecretTerms {
  /** Of a secret that has one, for what is said of it. */
  readonly name?: string | undefined;
  readonly prompt?: string | undefined;
  readonly wait_ms?: number | undefined;
}

/** Echo goes off without a sign, so it is looked after so often; the kernel is asked within 2 µs. */
const LOOK_EVERY_MS = 25;

/** `Written`: what comes of writing it. */
export class SecretLook<Written> implements Look<Written> {
  readonly #session: Session;
  readonly #terms: SecretTerms;
  readonly #write: () => Written;
  readonly #untilMs: number;

  /** `write` types it in this very step, or throws. */
  constructor(session: Session, terms: SecretTerms, write: () => Written) {
    this.#session = session;
    this.#terms = terms;
    this.#write = write;
    this.#untilMs = performance.now() + (terms.wait_ms ?? 0);
  }

  look(nowMs: number): Verdict<Written> {
    const why = reluctance(secretPrompt(this.#session), this.#terms.prompt);
    if (why === null) return { done: true, value: this.#write() };
    if (nowMs >= this.#untilMs) throw notSecretPrompt(this.#session, why, this.#terms.name);
    return { done: false, lookAtMs: Math.min(nowMs + LOOK_EVERY_MS, this.#untilMs) };
  }
}

function notSecretPrompt(session: Session, reason: Reluctance, name: string | undefined): FleettyError {
  const called = name === undefined ? "a secret without a name" : `secret ${name}`;
  const says: Record<Reluctance, string> = {
    echo: "the terminal reads no secret: what is typed would be shown",
    unsure: `the terminal may read a secret, which is not sure enough for ${called}: it has no prompt to match`,
    prompt: `the line that asks is not the prompt that ${called} is for`,
  };
  const message = `${says[reason]}; nothing was typed, look at its screen`;
  return new FleettyError("not_secret_prompt", message, { attention: session.info().attention, reason });
}
