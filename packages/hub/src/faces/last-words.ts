// Ends connections whose peer may still be sending. One that is closed with bytes unread is reset, and the reset overtakes
// the answer: so the answer goes out first, what still comes is read and dropped for a while, and then it is closed, whether
// the peer has done so or not.
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** A peer that wants the answer has it by then, and one that sends for ever is not listened to for long. */
const LINGER_MS = 2_000;

/**
 * Ends a socket that has no response; of several last words the first are said. The peer may have gone already: Node has
 * handed the socket over (CONNECT, upgrades) or is about to, and an error on it that nobody expects ends the process.
 */
export function endWith(socket: Duplex, lastWords: string): void {
  if (socket.writableEnded) return;
  socket.on("error", () => socket.destroy());
  socket.end(lastWords);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

/** Sends a whole body at once, and ends the response when the rest of its request has been read. */
export function answerAndEnd(response: ServerResponse, bytes: Uint8Array): void {
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  response.req.once("end", end).once("close", end).resume();
  response.write(bytes);
}
