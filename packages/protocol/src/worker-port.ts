// The only way a hub touches execution: calls by name, streams, inputs, and events, whatever lies between (the same
// process, a unix socket, or a network). Types alone; each implementation passes the same suite.
import type { AnyEvent } from "./events.ts";
import type { Call, ChannelEvents } from "./link/hub-end.ts";
import type { PreparedJson } from "./link/prepared-json.ts";
import type { LinkOperationName, OperationInput, OperationOutput } from "./operations/index.ts";

/** The one output stream of a session to its hub end. */
export interface OpenStream {
  /** Offset of the first byte that comes. */
  readonly offset: number;
  readonly rows: number;
  readonly cols: number;
  /** Everything below `upto` has been consumed. */
  credit(upto: number): void;
  close(): void;
}

/** A channel of numbered inputs. */
export interface OpenInput {
  /** The number that the session expects next. */
  readonly next: number;
  /** Whether the session's host knows captured keys; one of before types all that it is sent. */
  readonly captures: boolean;
  send(number: number, bytes: Uint8Array): void;
  /** What is sent from now on is typed under this lease. */
  useLease(lease: string | undefined): void;
  close(): void;
}

export interface StreamRequest {
  readonly session: string;
  readonly from: number | "now";
  readonly pace: boolean;
  /** No output is to come: somebody watches by other means. Hosts of before this send as much as they may without credit. */
  readonly quiet?: boolean | undefined;
}

export interface InputRequest {
  readonly session: string;
  /** Inputs are numbered for each apart. */
  readonly client: string;
  /** Under which it types at first. */
  readonly lease?: string | undefined;
  /** Whether it is an attach client: its keystrokes may be captured. */
  readonly attach?: boolean | undefined;
}

export interface WorkerPort {
  /** A prepared answer stands for the value it was made of. */
  call<Name extends LinkOperationName>(
    name: Name,
    input: OperationInput<Name>,
    call: Call,
  ): Promise<OperationOutput<Name> | PreparedJson>;
  stream(request: StreamRequest, events: ChannelEvents, call: Call): Promise<OpenStream>;
  input(request: InputRequest, events: ChannelEvents, call: Call): Promise<OpenInput>;
  /**
   * What happens to sessions, as it becomes known, under its number in the worker's journal; under 0 what is in no journal:
   * what is concluded from a list, and what is only passing. Returns how to stop listening.
   */
  events(listener: (event: AnyEvent, seq: number) => void): () => void;
  /** Told of each session whose screen, as it was read, is no longer the newest. Returns how to stop listening. */
  changes(listener: (session: string) => void): () => void;
}
