// Makes a client: one typed method per row of the operation table, by a loop. Knows no row by name but the streams.

import { FleettyError } from "@fleetty/protocol/errors";
import {
  type AnyOperation,
  findOperation,
  isPublic,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  type Operations,
  operations,
} from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
import { type CallOptions, type Members, makeCall } from "./call.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { JsonSocket } from "./json-socket.ts";
import { requestForm } from "./request-form.ts";
import { Watch } from "./stream/watch.ts";
import type { Transport } from "./transport.ts";

/** Bytes stand in inputs as they are, or in base64. */
type WithBytes<Input> = Input extends { data: string } ? Omit<Input, "data"> & { data: string | Uint8Array } : Input;
/** Bytes come as they are when the input said `format: "raw"`. */
type OrBytes<Output> = Output extends { data?: string | undefined }
  ? { [Member in keyof Output]: Member extends "data" ? Output[Member] | Uint8Array : Output[Member] }
  : Output;

export type CallInput<Name extends OperationName> = WithBytes<OperationInput<Name>>;
export type CallOutput<Name extends OperationName> = OrBytes<OperationOutput<Name>>;

type StreamName = "sessions.watch";
type SocketName = "sessions.socket" | "fleet.socket";
type CallName = Exclude<OperationName, StreamName | SocketName>;
type EventsName = "events.stream";

type Arguments<Input> =
  Record<string, never> extends Input ? [input?: Input, options?: CallOptions] : [input: Input, options?: CallOptions];

type Method<Name extends OperationName> = Name extends EventsName
  ? (...given: Arguments<OperationInput<Name>>) => AsyncGenerator<FleetEvent, void, undefined>
  : Name extends CallName
    ? (...given: Arguments<CallInput<Name>>) => Promise<CallOutput<Name>>
    : (...given: Arguments<OperationInput<Name>>) => Name extends SocketName ? JsonSocket : Watch;

type FirstOf<Name extends string> = Name extends `${infer Word}.${string}` ? Word : Name;

/** Methods by the words of an operation's name: `client.sessions.screen({session: "build"})`, `client.sessions.overlays.list(…)`. */
type Methods<Before extends string = "", Rest extends string = OperationName> = {
  readonly [Word in FirstOf<Rest>]: `${Before}${Word}` extends OperationName
    ? Method<`${Before}${Word}`>
    : Methods<`${Before}${Word}.`, Rest extends `${Word}.${infer After}` ? After : never>;
};

/** Methods, and groups of them, by a word. */
interface MethodGroup {
  [word: string]: unknown;
}

interface Core {
  /** Calls any operation but streams by its name. Events come as one answer; `events.stream` as a method follows them. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>, options?: CallOptions): Promise<CallOutput<Name>>;
  /** Closes connections that are kept open. Calls and streams under way fail. */
  close(): void;
  [Symbol.dispose](): void;
}

export type Client = Core & Methods;

/**
 * A client of one server; dials when it is first used. Every method throws FleettyError only, by the codes of the catalogue;
 * `details.may_have_run` of a failed change says false, true or "unknown". Nothing that changes something is sent twice.
 */
export function connect(options: ConnectOptions): Client {
  return new Connection(options).client;
}

class Connection {
  readonly #options: ConnectOptions;
  readonly #streams = new AbortController();
  #transport: Promise<Transport> | undefined;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  get client(): Client {
    const close = () => this.close();
    const core: Core = {
      call: (name, input, options) => this.call(name, input, options) as never,
      close,
      [Symbol.dispose]: close,
    };
    return { ...this.#methods(), ...core } as unknown as Client;
  }

  async call(name: string, input: Members = {}, options: CallOptions = {}): Promise<unknown> {
    const row = findOperation(name);
    if (!row || !isPublic(name)) throw new FleettyError("not_found", `there is no operation ${JSON.stringify(name)}`);
    const transport = await this.transport();
    return makeCall({ ...options, transport, row, input, checksInput: this.#options.checkInputs ?? true });
  }

  transport(): Promise<Transport> {
    this.#transport ??= openTransport(this.#options);
    return this.#transport;
  }

  close(): void {
    this.#streams.abort();
    // One that could not be made has told its caller already.
    this.#transport?.then(
      (transport) => transport.close(),
      () => {},
    );
  }

  #methods(): MethodGroup {
    const methods: MethodGroup = {};
    for (const row of Object.values(operations)) {
      const words = row.name.split(".");
      const last = words.pop() as string;
      let group = methods;
      for (const word of words) {
        group[word] ??= {};
        group = group[word] as MethodGroup;
      }
      group[last] = this.#method(row);
    }
    return methods;
  }

  #method(row: Operations[OperationName]): unknown {
    switch (row.kind) {
      case "stream":
        return row.name === "sessions.watch"
          ? (input: OperationInput<StreamName>, options?: CallOptions) => this.#watch(input, options)
          : (input?: Members, options?: CallOptions) => this.#socket(row, input, options);
      case "events":
        return (input?: OperationInput<EventsName>, options?: CallOptions) => this.#events(input, options);
      default:
        return (input?: Members, options?: CallOptions) => this.call(row.name, input, options);
    }
  }

  /** Begins when it is first asked for an event; leaving a `for await` ends it. */
  async *#events(
    input: OperationInput<EventsName> = {},
    options: CallOptions = {},
  ): AsyncGenerator<FleetEvent, void, undefined> {
    const { EventRun } = await import("./events/event-run.ts");
    const check = () => this.#check(operations["events.stream"], input);
    yield* new EventRun({ input, signal: this.#signal(options), transport: () => this.transport(), check }).events();
  }

  #socket(row: AnyOperation, input: Members = {}, options: CallOptions = {}): JsonSocket {
    const path = async () => {
      await this.#check(row, input);
      return requestForm(row, input).path;
    };
    return new JsonSocket({ path, signal: this.#signal(options), transport: () => this.transport() });
  }

  async #check(row: AnyOperation, input: Members): Promise<void> {
    if (this.#options.checkInputs ?? true) await (await import("./check-input.ts")).checkInput(row, input);
  }

  #signal({ signal }: CallOptions): AbortSignal {
    return AbortSignal.any([this.#streams.signal, ...(signal ? [signal] : [])]);
  }

  #watch(input: OperationInput<StreamName>, options: CallOptions = {}): Watch {
    return new Watch({
      input,
      signal: this.#signal(options),
      transport: () => this.transport(),
      pathOf: (members) => requestForm(operations["sessions.watch"], { ...members }).path,
      getSession: async (session, ownSignal) =>
        (await this.call("sessions.get", { session, server: input.server }, { signal: ownSignal })) as SessionInfo,
      readOutput: (ownSignal) => async (members) =>
        (await this.call("sessions.output", members, { signal: ownSignal })) as OperationOutput<"sessions.output">,
    });
  }
}

async function openTransport(options: ConnectOptions): Promise<Transport> {
  return (await import("#transport")).openTransport(options);
}
