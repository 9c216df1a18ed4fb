// What one request came to, told once when it is over, for whoever counts and logs requests. Knows no face.
import type { IncomingMessage } from "node:http";

export interface Answered {
  readonly requestId: string;
  readonly face: "http" | "ws" | "mcp";
  readonly method: string;
  /** As it was sent: what stands in its query may be secret. */
  readonly target: string;
  /** Null where there was no such operation, or the caller was refused before. */
  readonly operation: string | null;
  /** Null when the caller had gone before there was an answer. */
  readonly status: number | null;
  /** `ok`, or the code of the refusal. */
  readonly code: string;
  readonly ms: number;
  /** Null for who has shown no credential. */
  readonly principal: string | null;
  readonly address: string | null;
}

export type OnAnswered = (answered: Answered) => void;

/** One request while it is under way: what becomes known of it is written down here. */
export class RequestRecord {
  operation: string | null = null;
  principal: string | null = null;
  code = "ok";
  readonly #facts: Pick<Answered, "requestId" | "face" | "method" | "target" | "address">;
  readonly #startedAtMs = performance.now();
  #onAnswered: OnAnswered | null;

  constructor(request: IncomingMessage, about: Pick<Answered, "requestId" | "face">, onAnswered: OnAnswered) {
    const { method = "", url: target = "" } = request;
    this.#facts = { ...about, method, target, address: request.socket.remoteAddress ?? null };
    this.#onAnswered = onAnswered;
  }

  /** Tells it; the first time counts. */
  tell(status: number | null): void {
    const { operation, principal } = this;
    const code = status === null ? "cancelled" : this.code;
    const ms = performance.now() - this.#startedAtMs;
    this.#onAnswered?.({ ...this.#facts, operation, principal, status, code, ms });
    this.#onAnswered = null;
  }
}
