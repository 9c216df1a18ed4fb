// Many members of a fleet in one process: each a key, an id and sessions in memory behind a path of its own (`/m-7`), which
// greets a hub as a server does and answers what is asked of it at once. They cost the hub what real ones do, and the machine
// next to nothing.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { MemberGreeting } from "@fleetty/carrier/member-greeting";
import { ServerKey } from "@fleetty/carrier/server-key";
import { carrierOver, received } from "@fleetty/carrier/socket-carrier";
import { FleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import { LINK_PROTOCOL, PortServing, WorkerEnd } from "@fleetty/protocol/link";
import type { LinkOperationName } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { type WebSocket, WebSocketServer } from "ws";
import { ready } from "../parent.ts";

export interface MembersOrder {
  /** Listen with so many members of so many sessions, or have one of them answer nothing from now on. */
  readonly listen?: { readonly members: number; readonly sessions: number };
  readonly freeze?: number;
}

/** Where they are: `http://127.0.0.1:<port>/m-<n>`. */
export interface MembersAnswer {
  readonly port: number;
}

const STARTED_AT = "2026-03-02T09:00:00.000Z";

class EmulatedMember {
  readonly #hostname: string;
  readonly #key = ServerKey.fromPem(ServerKey.makePem());
  readonly #id = makeId("srv");
  readonly #sessions: readonly SessionInfo[];
  isFrozen = false;

  constructor(at: number, sessions: number) {
    this.#hostname = `m-${at}`;
    this.#sessions = Array.from({ length: sessions }, (_, index) => sessionOf(this.#hostname, index));
  }

  greet(webSocket: WebSocket, socket: Socket): void {
    const greeting = new MemberGreeting({
      facts: {
        server: this.#id,
        start_id: this.#id,
        hostname: this.#hostname,
        incarnation: 1,
        host_print: this.#hostname,
        version: "0",
        features: [],
      },
      key: this.#key,
      lastGenerationOf: () => 0,
      send: (text) => webSocket.send(text),
      refuse: (code, reason) => webSocket.close(code, reason),
    });
    let end: WorkerEnd | null = null;
    webSocket.on("error", () => webSocket.terminate());
    webSocket.on("close", () => end?.closed());
    webSocket.on("message", (data, isBinary) => {
      if (this.isFrozen) return;
      const message = received(data, isBinary);
      if (end) return end.receive(message);
      const hub = greeting.take(message);
      if (hub) end = this.#open(webSocket, socket, hub.linkGeneration);
    });
  }

  #open(webSocket: WebSocket, socket: Socket, linkGeneration: number): WorkerEnd {
    const nothing = () => () => {};
    const refuse = () => Promise.reject(new FleettyError("unsupported", "it is emulated"));
    const serving = new PortServing({
      port: { stream: refuse, input: refuse, events: nothing, changes: nothing },
      admit: () => {},
      ask: (name) => this.#answer(name),
    });
    const end = new WorkerEnd({
      carrier: carrierOver({ webSocket, socket }),
      linkGeneration,
      serve: (op, p, context) => serving.serve(op, p, context),
      onAck: () => {},
      onDefect: (op, error) => console.error(op, error),
    });
    void serving.tell(end, async () => this.#sessions).then((stop) => end.whenClosed(stop));
    end.send({ type: "status", slots: 4, load1: 0, os: "linux", arch: "x64", conditions: [] });
    return end;
  }

  async #answer(name: LinkOperationName): Promise<unknown> {
    if (name === "sessions.list") return this.#sessions;
    throw new FleettyError("unsupported", "it is emulated", { capability: name });
  }
}

function sessionOf(server: string, index: number): SessionInfo {
  return {
    name: `${server}-${index}`,
    server,
    pid: 1_000 + index,
    command: "/bin/bash",
    rows: 24,
    cols: 80,
    clients: 0,
    tags: ["ci"],
    last_activity_ms: 1_000,
    id: makeId("ses"),
    state: "running",
    exit: null,
    end_reason: null,
    created_at: STARTED_AT,
    exited_at: null,
    generation: 1,
    offset: 100,
    epoch: 1,
    attention: "unknown",
    attention_since: STARTED_AT,
    title: "",
    cwd: "/root",
    recording: false,
    workspace: null,
    lease: null,
  };
}

let members: readonly EmulatedMember[] = [];
const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => LINK_PROTOCOL, perMessageDeflate: false });
const server = createServer((_, response) => response.writeHead(404).end());
server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
  const member = members[Number(/^\/m-(\d+)\/link$/.exec(request.url ?? "")?.[1])];
  if (!member) return socket.destroy();
  sockets.handleUpgrade(request, socket, head, (webSocket) => member.greet(webSocket, socket));
});

ready(async ({ listen, freeze }: MembersOrder): Promise<MembersAnswer> => {
  if (listen) {
    members = Array.from({ length: listen.members }, (_, at) => new EmulatedMember(at, listen.sessions));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
  if (freeze !== undefined) (members[freeze] as EmulatedMember).isFrozen = true;
  return { port: (server.address() as AddressInfo).port };
});
