// Asks random requests over the JSON WebSockets, that of the fleet and those of sessions, and holds each reply and each event
// to the law.
import assert from "node:assert/strict";
import { operations } from "@fleetty/protocol/operations";
import { type Fuzzed, type Outcome, type RandomFace, Unlawful } from "./fuzzing.ts";
import { JsonClient, type Message } from "./json-client.ts";
import type { RandomMessage, RandomMessages } from "./random-messages.ts";
import { waitUntil } from "./wait-until.ts";

/** Events about one session, which on the socket of the fleet say which. */
const OF_SESSION = [
  ...["sync", "line", "cursor", "mode", "reset", "diff", "idle", "running", "input", "overlay", "output", "attention"],
  ...["command", "exit", "unreachable"],
];
/** Events of the fleet's socket alone. */
const OF_FLEET = ["session_created", "session_renamed", "session_tags_changed", "session_destroyed", "gap", "fleet"];
/** What holds this may be nested more deeply than is read, and then it is no request. */
const DEEP = "[".repeat(60);

export class SocketFace implements RandomFace {
  readonly #fuzzed: Fuzzed;
  readonly #messages: RandomMessages;
  #fleet: JsonClient | null = null;

  constructor(fuzzed: Fuzzed, messages: RandomMessages) {
    this.#fuzzed = fuzzed;
    this.#messages = messages;
  }

  async ask(number: number): Promise<Outcome> {
    const message = this.#messages.make(number);
    const of = message.row?.name ?? `ws ${message.method ?? "none"}`;
    try {
      return message.over === null ? await this.#onFleet(of, message) : await this.#onSession(of, message);
    } catch (cause) {
      throw new Unlawful(
        `${(cause as Error).message}\n${of} over the socket of ${message.over ?? "the fleet"}`,
        message.text,
        cause,
      );
    }
  }

  close(): void {
    this.#fleet?.close();
  }

  async #onFleet(of: string, message: RandomMessage): Promise<Outcome> {
    if (this.#fleet?.closed !== null) this.#fleet = await this.#opened("/ws/json");
    const code = await this.#exchange(this.#fleet, message);
    // A socket is of no more use after some.
    if (this.#fleet.socket.readyState !== this.#fleet.socket.OPEN) this.#fleet = null;
    return { of, code };
  }

  async #onSession(of: string, message: RandomMessage): Promise<Outcome> {
    const path = `/sessions/${message.over}/ws/json`;
    const socket = await this.#opened(path).catch(() => null);
    if (!socket) {
      const answer = await JsonClient.refused(this.#socketPath, path);
      const row = operations["sessions.socket"];
      return { of: row.name, code: this.#fuzzed.law.check({ row, isHead: false }, answer) };
    }
    const code = await this.#exchange(socket, message);
    socket.close();
    return { of, code };
  }

  get #socketPath(): string {
    return (this.#fuzzed.unix as { readonly socketPath: string }).socketPath;
  }

  /** Rejects when the upgrade is refused. */
  async #opened(path: string): Promise<JsonClient> {
    const socket = await JsonClient.open(this.#socketPath, path);
    const hello = await waitUntil("the socket says that it is there", () => socket.messages.shift());
    assert.deepEqual(hello, { connected: true });
    return socket;
  }

  async #exchange(socket: JsonClient, message: RandomMessage): Promise<string> {
    socket.say(message.text);
    const isReply = ({ id, event, type, method }: Message) =>
      isEqual(id, message.id) || (event === undefined && type === undefined && method === undefined);
    const reply = await waitUntil("it is answered", () => socket.messages.find(isReply) ?? socket.closed, {
      seen: () => socket.messages.slice(-3),
    });
    const others = socket.messages.splice(0).filter((one) => one !== reply);
    for (const event of others) checkEvent(event, message.over === null);
    // The session that it is of has ended meanwhile.
    if (socket.closed !== null && !("method" in reply)) return `closed ${socket.closed.code}`;
    return this.#judged(reply, message);
  }

  #judged(reply: Message, message: RandomMessage): string {
    try {
      const isNone = message.method === null || (message.text.includes(DEEP) && !("method" in reply));
      const code = isNone ? checkNoRequest(reply) : this.#checkReply(reply, message);
      const { result } = reply;
      if (code === "ok" && message.method === "create_session") this.#fuzzed.onMade(result.id);
      // That one tells of whichever session there is, also of one that nobody is to meddle with.
      if (code === "ok" && message.row !== operations["sessions.idle_any"]) this.#fuzzed.learned.take(result);
      return code;
    } catch (cause) {
      throw new Error(`${(cause as Error).message}; answered ${JSON.stringify(reply).slice(0, 1_500)}`, { cause });
    }
  }

  #checkReply(reply: Message, { row, method, id }: RandomMessage): string {
    const { law } = this.#fuzzed;
    const { error, result } = reply;
    assert.deepEqual(Object.keys(reply), ["id", "method", error === undefined ? "result" : "error"]);
    assert.deepEqual([reply.id, reply.method], [id, method]);
    if (error !== undefined) return law.checkRefusal(row ? [row] : [], error);
    if (row) law.checkPart(row, result);
    else assert.equal(typeof result, "object");
    return "ok";
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function checkNoRequest(reply: Message): string {
  assert.deepEqual(Object.keys(reply), ["error"]);
  assert.equal(reply.error.code, "invalid_request");
  return reply.error.code;
}

function checkEvent(event: Message, isOfFleet: boolean): void {
  const seen = JSON.stringify(event).slice(0, 500);
  if (event.type !== undefined) {
    assert.ok(["lagged", "input_lagged"].includes(event.type) && event.skipped > 0, seen);
    return;
  }
  const known = isOfFleet ? [...OF_SESSION, ...OF_FLEET] : OF_SESSION;
  assert.ok(known.includes(event.event), `an event that nobody knows: ${seen}`);
  if (isOfFleet && OF_SESSION.includes(event.event)) assert.equal(typeof event.session, "string", seen);
}
