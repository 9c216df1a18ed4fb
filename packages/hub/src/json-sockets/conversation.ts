// What is said on one JSON WebSocket: requests are answered in their order, but for those that block, which are answered when
// they are; a method is looked up, its input made, and the hub called with it. Knows no socket and no operation.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Gone } from "@fleetty/protocol/gone";
import type { CallContext, HubCalls } from "../calls.ts";
import type { Members } from "../faces/body.ts";
import { endedEarly, findableAgain } from "./ended-early.ts";
import { refusalOf, resultOf } from "./method-forms.ts";
import { type Bound, inputOf, type Method, type Methods } from "./methods.ts";
import { Pending, type PendingRequest } from "./pending.ts";
import { type Reply, readFrame, readRequest, refusalText, replyText, type SocketRequest } from "./request-frame.ts";

/** What a socket does itself. */
export interface OwnMethod {
  /** Null: the same with a session and without. */
  readonly isOfSession: boolean | null;
  /** Resolves with the result, and with what is told right behind it. */
  run(request: SocketRequest, at: Bound | null): Promise<OwnAnswer>;
}

export interface OwnAnswer {
  readonly result: unknown;
  readonly next?: () => void;
}

export interface ConversationParts {
  readonly calls: HubCalls;
  readonly methods: Methods;
  /** Of whoever is at the other end. */
  readonly context: CallContext;
  /** The session that the socket is of; null for that of the fleet. */
  readonly session: string | null;
  /** They come before those of the table. */
  readonly own: ReadonlyMap<string, OwnMethod>;
  readonly send: (text: string) => void;
  /** Whether more may be read: not while so much waits for its turn. */
  readonly flow: (isOpen: boolean) => void;
  /** What a caller sees of an error, after the log has it. */
  readonly shown: (error: FleettyError) => FleettyError;
}

/** Requests that wait for their turn, after which the socket is not read for a while. */
const QUEUED_MAX = 64;

interface Waiting {
  readonly request: SocketRequest;
  readonly method: Method;
  readonly input: Members;
}

export class Conversation {
  readonly #parts: ConversationParts;
  readonly #own: ReadonlyMap<string, OwnMethod>;
  readonly #pending = new Pending();
  readonly #waits = new Set<Promise<void>>();
  #turn: Promise<void> = Promise.resolve();
  #queued = 0;
  #isClosed = false;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    const cancel = async ({ params }: SocketRequest) => ({ result: this.#pending.cancel(params["id"]) });
    this.#own = new Map([...parts.own, ["cancel", { isOfSession: null, run: cancel }]]);
  }

  receive(text: string): void {
    this.#queued += 1;
    if (this.#queued === QUEUED_MAX) this.#parts.flow(false);
    this.#turn = this.#turn.then(() => this.#take(text)).then(() => this.#taken());
  }

  /** Resolves when all that has been asked by now is answered. */
  async settled(): Promise<void> {
    await this.#turn;
    await Promise.all(this.#waits);
  }

  /** Nobody hears any more: what is waited for is ended. */
  close(): void {
    this.#isClosed = true;
    this.#pending.close();
  }

  #taken(): void {
    this.#queued -= 1;
    if (this.#queued === QUEUED_MAX - 1) this.#parts.flow(true);
  }

  /** Resolves when the next may have its turn. Never rejects. */
  async #take(text: string): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#answer(readFrame(text));
    } catch (thrown) {
      this.#say(refusalText(this.#parts.shown(toFleettyError(thrown))));
    }
  }

  async #answer(frame: Members & { readonly method: string }): Promise<void> {
    try {
      const request = readRequest(frame);
      const at = this.#placeOf(request);
      const own = this.#own.get(request.method);
      if (!own) return await this.#ask(request, at);
      const { result, next } = await own.run(request, at);
      this.#reply(request, { result });
      next?.();
    } catch (thrown) {
      this.#refuse(frame as unknown as SocketRequest, thrown);
    }
  }

  /** The session that a request is asked of; null: none. Throws `session_required` and `unknown_method`. */
  #placeOf({ method: name, session, server }: SocketRequest): Bound | null {
    const { session: bound, methods } = this.#parts;
    const known = this.#own.get(name) ?? methods.get(name);
    if (bound !== null) {
      if (!known || known.isOfSession === false) throw unknownMethod(name);
      return { session: bound };
    }
    if (known && !known.isOfSession) return null;
    if (session === undefined) throw sessionRequired(name);
    if (!known) throw unknownMethod(name);
    return { session, server };
  }

  /** Resolves when it is answered, or under way where it blocks. */
  async #ask(request: SocketRequest, at: Bound | null): Promise<void> {
    const method = this.#parts.methods.get(request.method) as Method;
    const input = findableAgain(method.row.name, inputOf(method, request, at));
    if (!method.row.blocks) {
      this.#reply(request, { result: await this.#call(method, input, this.#parts.context.gone) });
      return;
    }
    const alone = method.form.isAlone ? JSON.stringify([at?.session, at?.server]) : null;
    const wait = this.#wait({ request, method, input }, this.#pending.begin(request.id, alone));
    this.#waits.add(wait);
    void wait.then(() => this.#waits.delete(wait));
  }

  async #wait(waiting: Waiting, pending: PendingRequest): Promise<void> {
    const { request, method, input } = waiting;
    try {
      this.#reply(request, { result: await this.#call(method, input, pending.gone) });
    } catch (thrown) {
      if (pending.isCancelled) await this.#end(waiting);
      else this.#refuse(request, thrown);
    } finally {
      pending.end();
    }
  }

  /** Answers one that was ended before its time. */
  async #end({ request, method, input }: Waiting): Promise<void> {
    const { ask, error } = endedEarly(method.row.name, input);
    try {
      if (ask === null) throw error;
      this.#reply(request, { result: await this.#call(method, ask, this.#parts.context.gone) });
    } catch (thrown) {
      this.#refuse(request, toFleettyError(thrown).code === "screen_changed" ? error : thrown);
    }
  }

  async #call({ row, form }: Method, input: Members, gone: Gone): Promise<unknown> {
    try {
      return resultOf(form, await this.#parts.calls.call(row.name, input, { ...this.#parts.context, gone }));
    } catch (thrown) {
      throw refusalOf(form, toFleettyError(thrown));
    }
  }

  #refuse(request: SocketRequest, thrown: unknown): void {
    this.#reply(request, { error: this.#parts.shown(toFleettyError(thrown)) });
  }

  #reply(to: Pick<SocketRequest, "id" | "method">, said: Reply): void {
    this.#say(replyText(to, said));
  }

  #say(text: string): void {
    if (!this.#isClosed) this.#parts.send(text);
  }
}

function unknownMethod(name: string): FleettyError {
  const method = JSON.stringify(name.slice(0, 80));
  return new FleettyError("unknown_method", `there is no method ${method} on this socket; see docs/protocol.md`);
}

function sessionRequired(name: string): FleettyError {
  const method = JSON.stringify(name.slice(0, 80));
  return new FleettyError("session_required", `${method} wants the session beside it: {"method", "session", "params"}`);
}
