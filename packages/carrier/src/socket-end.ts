// How the socket of a link ends, from either side: with a close code that says why, and without the other end when that does
// not answer. Decides nothing about when.
import { MalformedFrame } from "@fleetty/protocol/link";
import type { WebSocket } from "ws";

/** Whoever does not answer a close by then is cut off. */
const CUT_WITHIN_MS = 1_000;

export interface Closing {
  /** A close code of the link protocol, or of WebSocket itself. */
  readonly code: number;
  readonly reason: string;
  /** In place of CUT_WITHIN_MS. */
  readonly graceMs?: number;
}

export function closeWithin(socket: WebSocket, { code, reason, graceMs = CUT_WITHIN_MS }: Closing): void {
  socket.close(code, reason);
  cutAfter(socket, graceMs);
}

/** A code that says why is on its way, where there is one; an end that does not answer it in `graceMs` is not waited for. */
export function closeSoon(socket: WebSocket, graceMs = CUT_WITHIN_MS): void {
  if (socket.readyState === socket.CLOSING) cutAfter(socket, graceMs);
  else socket.terminate();
}

/** A frame that nobody can have meant closes the socket with the code for it; anything else is thrown on. */
export function guarded(socket: WebSocket, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    if (!(thrown instanceof MalformedFrame)) throw thrown;
    socket.close(4010, "protocol error");
  }
}

function cutAfter(socket: WebSocket, ms: number): void {
  const timer = setTimeout(() => socket.terminate(), ms);
  // An open socket keeps the process by itself.
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}
