// The answering side of a link from the moment its socket is open: the first messages have to prove who sent them, all others go to
// the end that is opened then. Decides neither what a proof is nor who gets a link.
import type { WorkerEnd } from "@fleetty/protocol/link";
import type { WebSocket } from "ws";
import { HANDSHAKE_MS } from "./handshake-messages.ts";
import { received } from "./socket-carrier.ts";
import { guarded } from "./socket-end.ts";

export interface AnsweringParts<Proved> {
  /** What was proved once `message` completes the handshake; else null. Throws MalformedFrame. */
  readonly take: (message: string | Uint8Array) => Proved | null;
  /** Null when there is to be no link, which the socket has been closed for. */
  readonly open: (proved: Proved) => WorkerEnd | null;
  /** It has proved itself, or has gone without. Once. */
  readonly onSettled: () => void;
}

/** Returns how to end what has been opened; the socket is left to the caller. */
export function answer<Proved>(socket: WebSocket, { take, open, onSettled }: AnsweringParts<Proved>): () => void {
  const timer = setTimeout(() => socket.close(4008, "handshake timeout"), HANDSHAKE_MS);
  let end: WorkerEnd | null = null;
  let isSettled = false;
  const settle = () => {
    clearTimeout(timer);
    if (!isSettled) onSettled();
    isSettled = true;
  };
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    settle();
    end?.closed();
  });
  socket.on("message", (data, isBinary) => {
    guarded(socket, () => {
      const message = received(data, isBinary);
      if (end) return end.receive(message);
      const proved = take(message);
      if (proved === null) return;
      settle();
      end = open(proved);
    });
  });
  return () => end?.closed();
}
