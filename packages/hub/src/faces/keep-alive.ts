// Keeps sockets honest: one that says nothing is asked, and cut off when it does not answer; and none outlives the credential
// that let it in. Knows nothing of what they carry.
import type { WebSocket } from "ws";
import type { Credential } from "../auth/credential.ts";
import { whenOver } from "../auth/while-valid.ts";

/** A socket that says nothing is asked, and closed when it does not answer (public contract, keepalive). */
const PING_EVERY_MS = 30_000;
const PONG_WITHIN_MS = 10_000;

export function keepAlive(socket: WebSocket): void {
  let isHeard = true;
  let deadline: NodeJS.Timeout | undefined;
  const heard = () => {
    isHeard = true;
    clearTimeout(deadline);
  };
  socket.on("pong", heard);
  socket.on("message", heard);
  const timer = setInterval(() => {
    if (!isHeard) {
      socket.ping();
      deadline = setTimeout(() => socket.terminate(), PONG_WITHIN_MS);
    }
    isHeard = false;
  }, PING_EVERY_MS);
  socket.once("close", () => {
    clearInterval(timer);
    clearTimeout(deadline);
  });
}

/** Calls `end` when the credential has ended or expired, unless the socket was closed before. */
export function liveWith(credential: Credential, socket: WebSocket, end: () => void): void {
  socket.once("close", whenOver(credential, end));
}
