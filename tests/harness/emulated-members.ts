// Many emulated members behind one port, each with a path of its own (`/m-7`), and how they become members of a hub: dialled by
// it, or dialling it as workers do.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { readJoinCode } from "@fleetty/carrier/join-code";
import { LINK_PROTOCOL } from "@fleetty/protocol/link";
import { readHubAddress } from "@fleetty/worker/hub-link/hub-address";
import { HubLink } from "@fleetty/worker/hub-link/hub-link";
import { pino } from "pino";
import { WebSocketServer } from "ws";
import { EmulatedMember } from "./emulated-member.ts";
import type { TestServer } from "./server.ts";

export interface Numbers {
  readonly members: number;
  /** Of each. */
  readonly sessions: number;
}

/** Registrations under way at once. */
const AT_ONCE = 16;

export class EmulatedMembers implements AsyncDisposable {
  readonly all: readonly EmulatedMember[];
  /** Numbers of those that hubs have dialled, in that order. */
  readonly dialled: number[] = [];
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => LINK_PROTOCOL,
    perMessageDeflate: false,
  });

  private constructor({ members, sessions }: Numbers) {
    this.all = Array.from({ length: members }, (_, at) => new EmulatedMember(`m-${at}`, sessions));
    this.#server = createServer((_, response) => response.writeHead(404).end());
    this.#server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      const at = Number(/^\/m-(\d+)\/link$/.exec(request.url ?? "")?.[1]);
      const member = this.all[at];
      if (!member) return socket.destroy();
      this.dialled.push(at);
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => member.greet({ webSocket, socket }));
    });
  }

  static async listen(numbers: Numbers): Promise<EmulatedMembers> {
    const members = new EmulatedMembers(numbers);
    members.#server.listen(0, "127.0.0.1");
    await once(members.#server, "listening");
    return members;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  member(at: number): EmulatedMember {
    const member = this.all[at];
    assert.ok(member, `no member ${at}`);
    return member;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const webSocket of this.#sockets.clients) webSocket.terminate();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Does it for each number below `count`, some at a time. */
export async function someAtOnce(count: number, act: (at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, index) => at + index);
    await Promise.all(some.map(act));
  }
}

/** Has the hub dial those that are behind `port`. */
export async function register(hub: TestServer, { port, members }: { port: number; members: number }): Promise<void> {
  await someAtOnce(members, async (at) => {
    const answer = await hub.ask({ path: "/servers", body: { address: `http://127.0.0.1:${port}/m-${at}` } });
    assert.equal(answer.status, 201, answer.body.toString());
  });
}

/** Has a member dial the hub for ever, as workers do, once it is started: with a code the first time, then by its key. */
export function workerLink(
  member: EmulatedMember,
  { url, code }: { readonly url: string; readonly code: string },
): HubLink {
  return new HubLink({
    address: readHubAddress(url),
    ca: null,
    facts: member.facts,
    key: member.key,
    join: readJoinCode(code),
    record: null,
    keep: () => {},
    serve: ({ carrier, linkGeneration }) => member.serve(carrier, linkGeneration),
    log: pino({ level: "silent" }),
    onOver: (why) => {
      throw why;
    },
  });
}
