// Dials the hub once: connects, makes sure that it is the one that is meant, says who this worker is, and hands over the
// socket of a hub that has proved itself. What follows a failure is for its caller. Repeats nothing that the other end said.
import type { Socket } from "node:net";
import { HANDSHAKE_MS, HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import { type GreetedHub, MemberGreeting, type MemberGreetingOptions } from "@fleetty/carrier/member-greeting";
import { closeSoon } from "@fleetty/carrier/socket-end";
import { FRAME_MAX_BYTES, LINK_PROTOCOL, MalformedFrame } from "@fleetty/protocol/link";
import { WebSocket } from "ws";
import type { HubAddress } from "./hub-address.ts";

export interface HubDialParts extends Omit<MemberGreetingOptions, "send" | "refuse"> {
  readonly address: HubAddress;
  /** Certificates in PEM to trust instead of the system's. */
  readonly ca: string | null;
}

export interface DialledHub {
  readonly kind: "greeted";
  readonly greeted: GreetedHub;
  readonly webSocket: WebSocket;
  readonly socket: Socket;
  readonly messages: HandshakeMessages;
}

export interface HubDialFailure {
  readonly kind: "failed";
  /** Close code of the link protocol, where there was one. */
  readonly code: number | null;
  /** A code of the system or of TLS, or an HTTP status. */
  readonly detail: string;
}

/** Public contract, timers: connect. */
const CONNECT_MS = 10_000;

export async function dialHub(parts: HubDialParts, signal: AbortSignal): Promise<DialledHub | HubDialFailure> {
  const dial = new HubDial(parts);
  const stop = () => dial.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await dial.greeted();
  } catch (thrown) {
    return dial.failure(thrown);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

class HubDial {
  readonly #parts: HubDialParts;
  readonly #socket: WebSocket;
  #below: Socket | null = null;
  #messages: HandshakeMessages | null = null;
  /** What the other end is not, said by this one. */
  #refusedWith: number | null = null;
  #detail = "closed";

  constructor(parts: HubDialParts) {
    this.#parts = parts;
    const { address, ca } = parts;
    this.#socket = new WebSocket(address.url, LINK_PROTOCOL, {
      ...(ca !== null && { ca }),
      rejectUnauthorized: true,
      perMessageDeflate: false,
      maxPayload: FRAME_MAX_BYTES,
      followRedirects: false,
      handshakeTimeout: CONNECT_MS,
    });
  }

  async greeted(): Promise<DialledHub> {
    const messages = await this.#opened();
    const greeting = this.#greeting();
    for (;;) {
      const greeted = greeting.take(await messages.next());
      if (greeted) {
        return { kind: "greeted", greeted, messages, webSocket: this.#socket, socket: this.#below as Socket };
      }
      if (this.#socket.readyState !== this.#socket.OPEN) throw new Error("refused");
    }
  }

  failure(thrown: unknown): HubDialFailure {
    closeSoon(this.#socket, HANDSHAKE_MS);
    const detail = thrown instanceof MalformedFrame ? "no_link" : this.#detail;
    return { kind: "failed", code: this.#refusedWith ?? this.#messages?.closedWith ?? null, detail };
  }

  stop(): void {
    this.#socket.terminate();
  }

  #opened(): Promise<HandshakeMessages> {
    const { promise, resolve, reject } = Promise.withResolvers<HandshakeMessages>();
    const socket = this.#socket;
    socket.on("upgrade", (response) => {
      this.#below = response.socket;
    });
    // Its messages are heard from the moment it is open: the hub speaks first.
    socket.once("open", () => {
      this.#messages = new HandshakeMessages(socket);
      resolve(this.#messages);
    });
    socket.on("unexpected-response", (request, response) => {
      this.#detail = `http_${response.statusCode ?? 0}`;
      request.destroy();
      socket.terminate();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#detail === "closed" && /^[A-Z][A-Z0-9_]*$/.test(error.code ?? "")) this.#detail = error.code as string;
    });
    socket.on("close", () => reject(new Error("closed")));
    return promise;
  }

  #greeting(): MemberGreeting {
    return new MemberGreeting({
      ...this.#parts,
      send: (text) => this.#socket.send(text),
      refuse: (code, reason) => {
        this.#refusedWith = code;
        this.#socket.close(code, reason);
      },
    });
  }
}
