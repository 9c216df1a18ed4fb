// One kept connection to a server, over which bytes are said that no client library would say: one request after the other,
// each with its answer. It is made again whenever the server has ended it. Knows HTTP as far as answers are told apart.
import { connect, type Socket } from "node:net";
import type { Answer, Where } from "./http.ts";
import { readAnswer } from "./raw-http.ts";

/** A server that neither answers nor closes is a defect: it is told after this time. */
const ANSWER_WITHIN_MS = 30_000;

export interface SaidOptions {
  /** The answer to a HEAD has the length of a body and no body. */
  readonly isHead?: boolean;
  /** Nothing more can be said after it over the same connection. */
  readonly isLast?: boolean;
}

export class RawConnection {
  readonly #where: Where;
  #socket: Socket | null = null;

  constructor(where: Where) {
    this.#where = where;
  }

  /** Resolves with the answer; with null when the connection ended without one. Rejects when there is neither. */
  async exchange(said: Uint8Array, { isHead = false, isLast = false }: SaidOptions = {}): Promise<Answer | null> {
    const socket = this.#open();
    socket.write(said);
    const answer = await this.#answerTo(socket, isHead);
    const isOver = isLast || answer === null || answer.status === 101 || answer.headers.connection?.includes("close");
    if (isOver) this.close();
    return answer;
  }

  /** Says it and goes, without waiting for anything. */
  async leave(said: Uint8Array): Promise<void> {
    const socket = this.#open();
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.write(said, () => resolve());
    socket.once("close", resolve);
    await promise;
    this.close();
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    const kept = this.#socket;
    if (kept && !kept.destroyed && kept.readable) return kept;
    const where = this.#where;
    const socket = "socketPath" in where ? connect(where.socketPath) : connect(where);
    // What it cannot take any more is no error here: it may have refused meanwhile, and that is heard.
    socket.on("error", () => {});
    this.#socket = socket;
    return socket;
  }

  #answerTo(socket: Socket, isHead: boolean): Promise<Answer | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer | null>();
    let seen: Buffer = Buffer.alloc(0);
    const take = (piece: Buffer) => {
      seen = seen.byteLength === 0 ? piece : Buffer.concat([seen, piece]);
      const answer = readAnswer(seen, isHead);
      if (answer) resolve(answer);
    };
    const end = () => resolve(null);
    const timer = setTimeout(() => {
      this.close();
      reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms; so far: ${seen.toString("latin1").slice(0, 500)}`));
    }, ANSWER_WITHIN_MS);
    socket.on("data", take).once("close", end);
    return promise.finally(() => {
      clearTimeout(timer);
      socket.off("data", take).off("close", end);
    });
  }
}
