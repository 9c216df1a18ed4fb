// What those who tell something unasked know of a JSON WebSocket. Types alone.

export interface SocketOut {
  readonly tell: (message: object) => void;
  /** Resolves when there is room for an event, or nobody hears any more. */
  readonly room: () => Promise<void>;
  /** Bytes that the socket holds unsent. */
  readonly bufferedBytes: () => number;
  /** Whether nobody hears any more. */
  readonly isLeft: () => boolean;
  /** Closes the socket: what was promised cannot be told. */
  readonly fail: (reason: string) => void;
  /** The same for a defect, ours or another server's, which the log has. */
  readonly broke: (thrown: unknown) => void;
}
