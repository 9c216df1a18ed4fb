// `socket`: lines of standard input are messages, and messages that come are lines: a JSON WebSocket for a shell.
import { createInterface } from "node:readline";
import type { JsonSocket, SocketFrame } from "@fleetty/client";
import type { Comfort } from "../comfort.ts";
import { printJson } from "../print/json.ts";

export const comfort: Comfort = {
  extras: [{ flag: "--follow", value: null, says: "go on after the last answer, until it ends or is interrupted" }],
  notes: [
    'Each line that is read is sent as a message: {"id"?, "method", "params"?}. Each message that comes is a line. Ends when',
    "standard input has ended and every message of it is answered.",
  ],
  run: async ({ row, members, extras }, client, signal) => {
    const ofSession = () => client.sessions.socket(members as { session: string }, { signal });
    const socket = row.name === "fleet.socket" ? client.fleet.socket(members, { signal }) : ofSession();
    const talk = new Talk(socket, extras["--follow"] === true);
    void talk.say();
    try {
      for await (const frame of socket) {
        await printJson(frame);
        talk.heard(frame);
      }
    } finally {
      process.stdin.destroy();
    }
    return 0;
  },
};

/** What has been said and what of it is answered. */
class Talk {
  readonly #socket: JsonSocket;
  readonly #follows: boolean;
  #open = 0;
  #isSaid = false;

  constructor(socket: JsonSocket, follows: boolean) {
    this.#socket = socket;
    this.#follows = follows;
  }

  /** Why nothing can be said any more, the socket says to who reads it. */
  async say(): Promise<void> {
    for await (const line of createInterface({ input: process.stdin })) {
      if (line.trim() === "") continue;
      this.#open += 1;
      await this.#socket.say(line).catch(() => {});
    }
    this.#isSaid = true;
    this.#look();
  }

  heard(frame: SocketFrame): void {
    const isAnswer = !["event", "type", "connected"].some((member) => member in frame);
    if (isAnswer) this.#open -= 1;
    this.#look();
  }

  #look(): void {
    if (this.#isSaid && this.#open === 0 && !this.#follows) this.#socket.close();
  }
}
