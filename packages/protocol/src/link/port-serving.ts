// Serves a worker over the answering end of a link: requests by name, output streams, numbered inputs, and what happens to
// sessions. Whether a request may be carried out is decided by whoever it is handed; what a channel holds back is bounded by
// the credit that the asking end has given. Knows no socket.

import { FleettyError } from "../errors.ts";
import type { AnyEvent } from "../events.ts";
import { issuesOf } from "../input-issues.ts";
import {
  type AnyOperation,
  findOperation,
  isAskedOverLinks,
  type LinkOperationName,
  type OperationInput,
} from "../operations/index.ts";
import { SOCKET_HIGH_BYTES } from "../stream/output-sender.ts";
import type { WorkerPort } from "../worker-port.ts";
import type { Call, ChannelEvents } from "./hub-end.ts";
import type { ServeContext, WorkerEnd } from "./worker-end.ts";

export interface PortServingOptions {
  /** Opens streams and inputs. */
  readonly port: Pick<WorkerPort, "stream" | "input" | "events" | "changes">;
  /** Throws the refusal of what this link may not ask. */
  readonly admit: (row: AnyOperation, input: Readonly<Record<string, unknown>>) => void;
  /** Carries out a request that has been admitted, and answers it. */
  readonly ask: (
    name: LinkOperationName,
    input: Readonly<Record<string, unknown>>,
    context: ServeContext,
  ) => Promise<unknown>;
}

export class PortServing {
  readonly #options: PortServingOptions;
  /** Sessions whose screens the asking end has read since it was told last that they have changed. */
  readonly #read = new Set<string>();

  constructor(options: PortServingOptions) {
    this.#options = options;
  }

  /** The `serve` of a WorkerEnd. */
  async serve(op: string, p: unknown, context: ServeContext): Promise<unknown> {
    const row = findOperation(op);
    if (!row || !isAskedOverLinks(row)) {
      throw new FleettyError("unsupported", `this server does not do ${op} over a link`, { capability: op });
    }
    const input = await readInput(row, p);
    this.#options.admit(row, input);
    if (op === "sessions.stream") return this.#stream(input as OperationInput<"sessions.stream">, context);
    if (op === "sessions.input_open") return this.#input(input as OperationInput<"sessions.input_open">, context);
    if (op === "sessions.screen") this.#read.add(String(input["session"]));
    return this.#options.ask(row.name as LinkOperationName, input, context);
  }

  /**
   * Tells the asking end all that lives here, and from then on what happens, under the numbers of the worker's journal; what
   * happens while the inventory is being made is told after it. Rejects when there is no inventory. Returns how to stop.
   */
  async tell(end: WorkerEnd, inventory: () => Promise<unknown>): Promise<() => void> {
    let held: (() => void)[] | null = [];
    const send = ({ type, ...data }: AnyEvent, seq: number) => {
      end.send({ type: "evt", seq, event: type, at: new Date().toISOString(), p: data });
    };
    const deafen = this.#options.port.events((event, seq) =>
      held ? held.push(() => send(event, seq)) : send(event, seq),
    );
    const stop = this.#tellChanges(end, deafen);
    try {
      end.send({ type: "inventory", sessions: await inventory() });
    } catch (thrown) {
      stop();
      throw thrown;
    }
    for (const tell of held) tell();
    held = null;
    return stop;
  }

  /** Told before any frame that shows what is newer: whoever tells us of it does the same. */
  #tellChanges(end: WorkerEnd, deafen: () => void): () => void {
    const blind = this.#options.port.changes((session) => {
      if (this.#read.delete(session)) end.send({ type: "changed", session });
    });
    return () => {
      deafen();
      blind();
    };
  }

  async #stream(
    { ch, pace = false, ...at }: OperationInput<"sessions.stream">,
    context: ServeContext,
  ): Promise<unknown> {
    const { link } = context;
    const outlet = new Outlet(link, ch);
    const stream = await this.#options.port.stream({ ...at, pace }, outlet, callOf(context, true));
    if (!link.isOpen) stream.close();
    else {
      link.openChannel(ch, {
        credit: (upto) => stream.credit(upto),
        drained: () => outlet.drained(),
        closed: () => stream.close(),
      });
    }
    const { offset, rows, cols } = stream;
    return { offset, rows, cols };
  }

  async #input({ ch, ...request }: OperationInput<"sessions.input_open">, context: ServeContext): Promise<unknown> {
    const { link } = context;
    const events: ChannelEvents = {
      written: (upto, generation, offset) => link.send({ type: "in_ack", ch, upto, generation, offset }),
      failed: (input, error) => link.send({ type: "error", ch, input, error: error.toWire() }),
      closed: (reason) => link.closeChannel(ch, reason),
    };
    const input = await this.#options.port.input(request, events, callOf(context, false));
    if (!link.isOpen) input.close();
    else {
      link.openChannel(ch, {
        input: (number, bytes) => input.send(number, bytes),
        lease: (lease) => input.useLease(lease),
        closed: () => input.close(),
      });
    }
    return { next: input.next, captures: input.captures };
  }
}

/**
 * One stream's way out. While the socket holds much, frames wait here in their order, so that answers to others and echoes
 * of other sessions are not behind a flood; there are never more than the stream's credit.
 */
class Outlet implements ChannelEvents {
  readonly #link: WorkerEnd;
  readonly #ch: number;
  #waiting: (() => void)[] = [];

  constructor(link: WorkerEnd, ch: number) {
    this.#link = link;
    this.#ch = ch;
  }

  output(offset: number, bytes: Uint8Array): void {
    // Whoever hands the bytes over may use their memory again.
    const payload = this.#isHeld ? bytes.slice() : bytes;
    this.#pass(() => this.#link.sendBinary({ type: "output", flags: 0, channel: this.#ch, offset, payload }));
  }

  snapshot(offset: number, payload: Uint8Array): void {
    this.#pass(() => this.#link.sendBinary({ type: "snapshot", flags: 0, channel: this.#ch, offset, payload }));
  }

  gap(from: number, to: number, reason: string): void {
    this.#tell({ type: "gap", from, to, reason });
  }

  size(rows: number, cols: number): void {
    this.#tell({ type: "size", rows, cols });
  }

  exit(exit: unknown, offset: number): void {
    this.#tell({ type: "exit", exit, offset });
  }

  closed(reason: string): void {
    this.#pass(() => this.#link.closeChannel(this.#ch, reason));
  }

  /** The socket has sent what it held. */
  drained(): void {
    while (this.#waiting.length > 0 && this.#hasRoom) this.#waiting.shift()?.();
  }

  get #hasRoom(): boolean {
    return this.#link.bufferedBytes < SOCKET_HIGH_BYTES;
  }

  get #isHeld(): boolean {
    return this.#waiting.length > 0 || !this.#hasRoom;
  }

  #tell(frame: { readonly type: string; readonly [member: string]: unknown }): void {
    this.#pass(() => this.#link.send({ ...frame, ch: this.#ch }));
  }

  #pass(send: () => void): void {
    if (this.#isHeld) this.#waiting.push(send);
    else send();
  }
}

function callOf({ actor, via, deadlineMs }: ServeContext, reads: boolean): Call {
  return { actor, via, deadlineMs, reads };
}

async function readInput(row: AnyOperation, p: unknown): Promise<Readonly<Record<string, unknown>>> {
  const { input } = await row.schemas();
  const read = input.safeParse(p ?? {});
  if (read.success) return read.data as Readonly<Record<string, unknown>>;
  throw new FleettyError("invalid_body", `this is no input of ${row.name}`, { issues: issuesOf(read.error) });
}
