// Serves one stream of events over HTTP: writes as fast as its reader takes, and no faster; says every 15 s that it is still
// there; and ends with the credential that let it in. Knows no event but by its form.
import type { ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Credential } from "../auth/credential.ts";
import { whenOver } from "../auth/while-valid.ts";
import type { EventStream } from "../events/event-feed.ts";
import type { Headers } from "./answer.ts";
import { beginEvents, endEvents, HEARTBEAT_MS } from "./event-response.ts";
import { sseEvent, sseHeartbeat, sseHello } from "./sse-text.ts";

/** Events that are written before it is looked whether the reader takes them. */
const TOGETHER = 64;

export interface EventStreamParts {
  readonly response: ServerResponse;
  readonly headers: Headers;
  readonly stream: EventStream;
  readonly credential: Credential;
  readonly log: Logger;
}

export class ServedEvents {
  readonly #parts: EventStreamParts;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** Resolves when it has ended, whoever ended it. */
  async serve(): Promise<void> {
    const { response, headers, stream, credential, log } = this.#parts;
    const end = () => this.end();
    response.once("close", end);
    beginEvents(response, headers);
    const forget = whenOver(credential, end);
    try {
      if (!response.writableEnded) await this.#write(stream);
    } catch (err) {
      log.error({ err }, "the event log could not be read; a stream of events ends, to be taken up again");
    } finally {
      this.end();
      forget();
    }
  }

  /** What is not written is not sent; the reader comes back with its cursor. */
  end(): void {
    clearInterval(this.#heartbeat);
    this.#parts.stream.close();
    endEvents(this.#parts.response);
  }

  async #write(stream: EventStream): Promise<void> {
    const { response } = this.#parts;
    response.write(sseHello(stream.hello));
    for (;;) {
      const events = await stream.next(TOGETHER);
      if (events.length === 0) return;
      const hasRoom = response.write(events.map(sseEvent).join(""));
      if (!hasRoom) await drained(response);
    }
  }

  #beat(): void {
    const { response, stream } = this.#parts;
    if (!response.writableNeedDrain && !response.writableEnded) response.write(sseHeartbeat(stream.cursor));
  }
}

/** Also when it was closed. */
function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (response.closed || response.writableEnded) return Promise.resolve();
  response.once("drain", resolve);
  response.once("close", resolve);
  return promise.finally(() => {
    response.off("drain", resolve);
    response.off("close", resolve);
  });
}
