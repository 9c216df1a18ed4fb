// Carries the messages of one MCP client between its pipe and a server's /mcp. A message is sent when the one before was heard,
// so what was written in one order is carried out in it; answers come back as they come. A server that has been restarted is
// greeted again in the client's name; what may have run is never sent twice. Knows no tool.
//
//   line ─► POST ─► heard (head of the answer) ─► next line            answers and news ─► lines, whole and one after the other

import {
  errorFromAnswer,
  errorFromFailure,
  pause,
  SseParser,
  type StreamedAnswer,
  type Transport,
  TransportFailure,
} from "@fleetty/client/wire";
import { toFleettyError, type WireError } from "@fleetty/protocol/errors";
import { Greeting, type Message } from "./greeting.ts";

export interface BridgeParts {
  readonly transport: Transport;
  /** `/mcp`, with its query. */
  readonly path: string;
  /** Makes sure that there is a server, where that can be done. */
  readonly ensureServer: () => Promise<void>;
  /** Writes one line to the client. */
  readonly write: (line: string) => Promise<void>;
  readonly log: (text: string) => void;
}

/** Between two tries to hear news of a server that is away. */
const LISTEN_AGAIN_MS = 1_000;
/** JSON-RPC's own codes (JSON-RPC 2.0, 5.1). */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;

const TOO_LONG: WireError = { code: "body_too_large", message: "the message is over 1 MiB; send it in pieces" };
const NO_JSON: WireError = { code: "invalid_json", message: "the line is no JSON; send one message a line" };

export class Bridge {
  readonly #parts: BridgeParts;
  readonly #greeting = new Greeting();
  readonly #ended = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  /** Requests that the client has taken back: nobody waits for their answers. */
  readonly #takenBack = new Set<unknown>();
  #session: string | null = null;
  #revision: string | null = null;
  #greetingAgain: Promise<void> | null = null;
  #listening: Promise<void> | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: BridgeParts) {
    this.#parts = parts;
  }

  /** Resolves when the server has heard the message; its answer comes later. */
  async take(line: string | null): Promise<void> {
    if (line === null) return this.#refuse([null], INVALID_REQUEST, TOO_LONG);
    if (line.trim() === "") return;
    const messages = messagesIn(line);
    if (messages === null) return this.#refuse([null], PARSE_ERROR, NO_JSON);
    for (const message of messages) this.#notice(message);
    const ids = messages.flatMap(({ method, id }) => (method !== undefined && id !== undefined ? [id] : []));
    try {
      const answer = await this.#post(line, messages);
      this.#keepUnderWay(this.#pass(answer, ids));
      if (messages.some(({ method }) => method === "notifications/initialized")) this.#listen();
    } catch (thrown) {
      this.#fail(ids, thrown);
    }
  }

  /** Answers that are under way get `graceMs`; then the server forgets this client. */
  async end(graceMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await Promise.race([Promise.all(this.#underWay), late]);
    clearTimeout(timer);
    this.#ended.abort();
    if (this.#session !== null) await this.#sayGoodbye(this.#session, graceMs);
    await this.#writing;
  }

  #notice(message: Message): void {
    this.#greeting.sent(message);
    if (message.method === "notifications/cancelled") this.#takenBack.add(message.params?.["requestId"]);
  }

  /** Throws FleettyError when the server refuses, and when none hears it. */
  async #post(body: string, messages: readonly Message[]): Promise<StreamedAnswer> {
    const isGreeting = messages.some(({ method }) => method === "initialize");
    const session = this.#session;
    const first = await this.#send(body, isGreeting ? null : session).catch(async (thrown) => {
      if (!(thrown instanceof TransportFailure) || thrown.sent) throw this.#told(thrown);
      await this.#parts.ensureServer();
      return null;
    });
    const isForgotten = first === null || (first.status === 404 && !isGreeting && this.#greeting.isKnown);
    const answer = isForgotten ? await this.#sendAgain(body, { isGreeting, session }) : first;
    if (answer.status >= 400) throw errorFromAnswer({ ...answer, body: await wholeOf(answer) }, { reads: false });
    if (isGreeting) this.#session = answer.headers["mcp-session-id"] ?? null;
    return answer;
  }

  /** Nothing of it has run: there was no server, or it knew nothing of this client. */
  async #sendAgain(body: string, { isGreeting, session }: { isGreeting: boolean; session: string | null }) {
    if (!isGreeting && this.#session === session) await this.#greetAgain();
    return this.#send(body, isGreeting ? null : this.#session).catch((thrown) => {
      throw this.#told(thrown);
    });
  }

  #greetAgain(): Promise<void> {
    this.#greetingAgain ??= this.#greetOnce().finally(() => {
      this.#greetingAgain = null;
    });
    return this.#greetingAgain;
  }

  async #greetOnce(): Promise<void> {
    const said = this.#greeting.again();
    if (!said) return;
    const answer = await this.#send(JSON.stringify(said.first), null);
    const body = await wholeOf(answer);
    if (answer.status >= 400) throw errorFromAnswer({ ...answer, body }, { reads: true });
    this.#session = answer.headers["mcp-session-id"] ?? null;
    for (const message of said.after) await wholeOf(await this.#send(JSON.stringify(message), this.#session));
    this.#parts.log("the server did not know this client any more; it was greeted again");
  }

  #send(body: string | undefined, session: string | null, method: "POST" | "GET" | "DELETE" = "POST") {
    const { transport, path } = this.#parts;
    const headers = {
      ...(body !== undefined && { "content-type": "application/json" }),
      accept: method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
      ...(session !== null && { "mcp-session-id": session }),
      ...(session !== null && this.#revision !== null && { "mcp-protocol-version": this.#revision }),
    };
    return transport.stream({ method, path, headers, body, signal: this.#ended.signal, isBrief: method === "POST" });
  }

  /** Every message of an answer becomes a line; requests that it leaves without an answer are told so. */
  async #pass(answer: StreamedAnswer, ids: readonly Message["id"][]): Promise<void> {
    const open = new Set(ids);
    try {
      for await (const text of messageTexts(answer)) {
        const message = JSON.parse(text) as Message | Message[];
        for (const { id, result } of [message].flat()) {
          open.delete(id);
          const revision = result?.["protocolVersion"];
          if (typeof revision === "string") this.#revision = revision;
        }
        await this.#write(text);
      }
    } catch {
      // What was lost is told below.
    }
    const waitedFor = [...open].filter((id) => !this.#takenBack.delete(id));
    if (waitedFor.length > 0 && !this.#ended.signal.aborted)
      this.#fail(waitedFor, this.#told(new TransportFailure("connection_lost", true)));
  }

  /** News come on a stream of their own, opened again for as long as the client is there. */
  #listen(): void {
    this.#listening ??= this.#hearNews();
  }

  async #hearNews(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        const session = this.#session;
        const answer = await this.#send(undefined, session, "GET");
        if (answer.status === 404 && this.#session === session) await this.#greetAgain();
        else if (answer.status < 400) await this.#pass(answer, []);
      } catch {
        // Asked again below; requests tell what is wrong.
      }
      await pause(LISTEN_AGAIN_MS, this.#ended.signal);
    }
  }

  async #sayGoodbye(session: string, withinMs: number): Promise<void> {
    const { transport, path } = this.#parts;
    const headers = { "mcp-session-id": session };
    const said = { method: "DELETE", path, headers, body: undefined, signal: undefined, deadlineMs: withinMs } as const;
    await transport.request(said).catch(() => {});
  }

  #told(thrown: unknown): unknown {
    if (!(thrown instanceof TransportFailure)) return thrown;
    return errorFromFailure(thrown, { reads: false, address: this.#parts.transport.address });
  }

  #fail(ids: readonly Message["id"][], thrown: unknown): void {
    if (this.#ended.signal.aborted) return;
    const error = toFleettyError(thrown).toWire();
    this.#parts.log(error.message);
    this.#refuse(ids, INTERNAL_ERROR, error);
  }

  #refuse(ids: readonly Message["id"][], code: number, data: WireError): void {
    const error = { code, message: data.message, data };
    for (const id of ids) void this.#write(JSON.stringify({ jsonrpc: "2.0", id, error }));
  }

  /** One line after the other, each whole. */
  #write(text: string): Promise<void> {
    this.#writing = this.#writing.then(() => this.#parts.write(`${text}\n`));
    return this.#writing;
  }

  #keepUnderWay(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }
}

/** Null for what is no JSON. What is no message is for the server to refuse. */
function messagesIn(line: string): Message[] | null {
  try {
    const value = JSON.parse(line) as unknown;
    return [value].flat().filter((one): one is Message => typeof one === "object" && one !== null);
  } catch {
    return null;
  }
}

/** Each JSON text of the answer, in either of its forms. */
async function* messageTexts(answer: StreamedAnswer): AsyncGenerator<string, void> {
  if (!answer.headers["content-type"]?.startsWith("text/event-stream")) {
    const text = Buffer.from(await wholeOf(answer)).toString("utf8");
    if (text !== "") yield text;
    return;
  }
  const parser = new SseParser();
  const decoder = new TextDecoder();
  for await (const piece of answer.body) {
    for (const { data } of parser.push(decoder.decode(piece, { stream: true }))) if (data) yield data;
  }
}

async function wholeOf({ body }: StreamedAnswer): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
