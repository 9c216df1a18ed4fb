// Listens for the hub of a worker on a private unix socket: makes folder, key and socket, admits who proves to have read the key,
// and gives each hub one link, its newest. Nothing else is answered there. Which hubs there are it learns from them.
//
//   closed ──folder private, path free──► listening ──key proved──► a link for that hub ──close()──► closed, nothing left behind
import { chmodSync, existsSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import { answer } from "@fleetty/carrier/answering";
import { createServer } from "@fleetty/carrier/http-server";
import { linkSockets, offersLink } from "@fleetty/carrier/link-offer";
import { LinkedHubs } from "@fleetty/carrier/linked-hubs";
import { type GreetedHub, type GreetingFacts, MemberGreeting } from "@fleetty/carrier/member-greeting";
import type { ServerKey } from "@fleetty/carrier/server-key";
import { carrierOver } from "@fleetty/carrier/socket-carrier";
import { closeWithin } from "@fleetty/carrier/socket-end";
import { keyBeside, makeSocketKey } from "@fleetty/carrier/socket-key";
import type { WorkerEnd } from "@fleetty/protocol/link";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { writeFileAtomicallySync } from "../state/atomic-file.ts";
import { claimSocket } from "../state/claim-socket.ts";
import { privateFolder } from "../state/private-folder.ts";
import type { ServedLink } from "./served-worker.ts";

export interface HubListenOptions {
  /** Absolute. Its folder is made where it is not there. */
  readonly socketPath: string;
  readonly facts: GreetingFacts;
  readonly key: ServerKey;
  readonly serve: (link: ServedLink) => WorkerEnd;
  readonly log: Logger;
}

/** Hubs that have not proved themselves yet, at once. */
const HALF_OPEN_MAX = 8;
/** How often the socket's file is looked for: somebody may have cleaned up around it. */
const LOOK_EVERY_MS = 5_000;

export class HubListening {
  readonly #options: HubListenOptions;
  /** New at each start: what was read before is worth nothing. */
  readonly #socketKey = makeSocketKey();
  readonly #hubs = new LinkedHubs();
  readonly #sockets = linkSockets();
  readonly #server = createServer((_request, response) => response.writeHead(426).end());
  #halfOpen = 0;
  #looking: NodeJS.Timeout | null = null;

  constructor(options: HubListenOptions) {
    this.#options = options;
    this.#server.on("upgrade", (request, socket, head) => {
      const isForLink = request.url === "/link" && !request.headers.origin && offersLink(request);
      if (!isForLink || this.#halfOpen >= HALF_OPEN_MAX) return socket.destroy();
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#greet(webSocket, socket as Socket));
    });
  }

  /** Resolves when hubs can dial. Rejects with `forbidden` for a folder or a path that is not this worker's own. */
  async start(): Promise<void> {
    const { socketPath, log } = this.#options;
    privateFolder(dirname(socketPath));
    await claimSocket(socketPath, "choose another --listen");
    await this.#listen();
    this.#looking = setInterval(() => {
      if (existsSync(socketPath) && existsSync(keyBeside(socketPath))) return;
      log.warn({ socket: socketPath }, "the socket or its key was removed; listening again");
      void this.#listenAgain();
    }, LOOK_EVERY_MS);
    this.#looking.unref();
  }

  /** Hubs are told that it was planned. */
  close(): void {
    clearInterval(this.#looking ?? undefined);
    this.#hubs.flush();
    for (const socket of this.#sockets.clients) closeWithin(socket, { code: 1000, reason: "bye" });
    if (!this.#server.listening) return;
    this.#server.close();
    rmSync(keyBeside(this.#options.socketPath), { force: true });
  }

  /** Whoever finds the socket finds its key. */
  async #listen(): Promise<void> {
    const { socketPath } = this.#options;
    writeFileAtomicallySync(keyBeside(socketPath), this.#socketKey);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen({ path: socketPath }, resolve);
    await promise;
    this.#server.off("error", reject);
    chmodSync(socketPath, 0o600);
  }

  /** Links that are open stay so. */
  async #listenAgain(): Promise<void> {
    const { socketPath, log } = this.#options;
    try {
      this.#server.close();
      privateFolder(dirname(socketPath));
      await this.#listen();
    } catch (err) {
      log.error({ err, socket: socketPath }, "the socket cannot be used; it is tried again");
    }
  }

  #greet(webSocket: WebSocket, socket: Socket): void {
    const { facts, key } = this.#options;
    this.#halfOpen += 1;
    const greeting = new MemberGreeting({
      facts,
      key,
      socketKey: this.#socketKey,
      lastGenerationOf: (hub) => this.#hubs.lastGenerationOf(hub),
      send: (text) => webSocket.send(text),
      refuse: (code, reason) => webSocket.close(code, reason),
    });
    answer(webSocket, {
      take: (message) => greeting.take(message),
      open: (hub) => this.#open(hub, webSocket, socket),
      onSettled: () => {
        this.#halfOpen -= 1;
      },
    });
  }

  #open(greeted: GreetedHub, webSocket: WebSocket, socket: Socket): WorkerEnd | null {
    const { serve, log } = this.#options;
    const { hub, linkGeneration } = greeted;
    const carrier = (onDrained: () => void) => carrierOver({ webSocket, socket, onDrained });
    const end = this.#hubs.admit(greeted, webSocket, () => serve({ carrier, hub, linkGeneration, onPong: () => {} }));
    if (!end) return null;
    log.info({ hub }, "a hub is linked");
    webSocket.once("close", (code) =>
      log.warn({ hub, code }, "the link to a hub has ended; its sessions live on here"),
    );
    return end;
  }
}
