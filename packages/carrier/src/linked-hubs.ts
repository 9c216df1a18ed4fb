// Which hubs are linked to a server that answers: each by one link, its newest. Knows what a link carries as little as who may
// have one.
import type { WorkerEnd } from "@fleetty/protocol/link";
import type { WebSocket } from "ws";
import type { GreetedHub } from "./member-greeting.ts";
import { closeWithin } from "./socket-end.ts";

interface Holder {
  readonly key: string;
  readonly socket: WebSocket;
  readonly end: WorkerEnd;
}

export class LinkedHubs {
  readonly #holders = new Map<string, Holder>();
  readonly #last = new Map<string, number>();

  /** 0 for one that has not been linked. */
  lastGenerationOf(hub: string): number {
    return this.#last.get(hub) ?? 0;
  }

  /**
   * What `open` makes, in place of the link that the hub has. Null for an older link than that, and for a hub of that name with
   * another key: their socket is closed.
   */
  admit({ hub, key, linkGeneration }: GreetedHub, socket: WebSocket, open: () => WorkerEnd): WorkerEnd | null {
    const before = this.#holders.get(hub);
    if (linkGeneration <= this.lastGenerationOf(hub) || (before && before.key !== key)) {
      socket.close(4009, "superseded");
      return null;
    }
    before?.end.closed();
    if (before) closeWithin(before.socket, { code: 4009, reason: "superseded" });
    const holder = { key, socket, end: open() };
    this.#holders.set(hub, holder);
    this.#last.set(hub, linkGeneration);
    socket.once("close", () => {
      if (this.#holders.get(hub) === holder) this.#holders.delete(hub);
    });
    return holder.end;
  }

  /** Resolves when what hubs have asked so far is answered, but for what waits for something to happen. Never rejects. */
  async answered(): Promise<void> {
    await Promise.all([...this.#holders.values()].map(({ end }) => end.answered()));
  }

  /** What has been answered goes out before the links are closed. */
  flush(): void {
    for (const { end } of this.#holders.values()) end.flush();
  }
}
