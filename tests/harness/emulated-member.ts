// A member of a fleet that costs the machine next to nothing: a key, an id and sessions in memory. It greets a hub as a server
// does, tells of its sessions, and answers lists and waits; what would need a terminal it refuses. Its sessions are settled by
// whoever has it.
import type { Socket } from "node:net";
import { MemberGreeting } from "@fleetty/carrier/member-greeting";
import { ServerKey } from "@fleetty/carrier/server-key";
import { carrierOver, received } from "@fleetty/carrier/socket-carrier";
import { FleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import { type Carrier, PortServing, type ServeContext, WorkerEnd } from "@fleetty/protocol/link";
import type { LinkOperationName } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WebSocket } from "ws";
import { type Asked, EmulatedWaits } from "./emulated-waits.ts";

const STARTED_AT = "2026-03-02T09:00:00.000Z";

export class EmulatedMember {
  readonly hostname: string;
  readonly id = makeId("srv");
  readonly key = ServerKey.fromPem(ServerKey.makePem());
  readonly sessions: readonly SessionInfo[];
  readonly waits = new EmulatedWaits();
  /** Hears nothing while it is. */
  isFrozen = false;
  /** Greetings by hubs that dialled it, since the beginning; of them those under way; and the most of those at once. */
  readonly greetings = { count: 0, open: 0, mostAtOnce: 0 };

  constructor(hostname: string, sessions: number) {
    this.hostname = hostname;
    this.sessions = Array.from({ length: sessions }, (_, index) => sessionOf(hostname, index));
  }

  get facts() {
    return {
      server: this.id,
      start_id: this.id,
      hostname: this.hostname,
      incarnation: 1,
      host_print: this.hostname,
      version: "0",
      features: [],
    };
  }

  /** A hub has dialled it. */
  greet({ webSocket, socket }: { readonly webSocket: WebSocket; readonly socket: Socket }): void {
    const greeting = new MemberGreeting({
      facts: this.facts,
      key: this.key,
      lastGenerationOf: () => 0,
      send: (text) => webSocket.send(text),
      refuse: (code, reason) => webSocket.close(code, reason),
    });
    let end: WorkerEnd | null = null;
    const greeted = this.#counted(webSocket);
    webSocket.on("error", () => webSocket.terminate());
    webSocket.on("close", () => end?.closed());
    webSocket.on("message", (data, isBinary) => {
      if (this.isFrozen) return;
      const message = received(data, isBinary);
      if (end) return end.receive(message);
      const hub = greeting.take(message);
      if (!hub) return;
      greeted();
      end = this.serve((onDrained) => carrierOver({ webSocket, socket, onDrained }), hub.linkGeneration);
    });
  }

  /** Over an open link, whoever dialled whom. */
  serve(carrier: (onDrained: () => void) => Carrier, linkGeneration: number): WorkerEnd {
    const nothing = () => () => {};
    const refuse = () => Promise.reject(new FleettyError("unsupported", "it is emulated"));
    const serving = new PortServing({
      port: { stream: refuse, input: refuse, events: nothing, changes: nothing },
      admit: () => {},
      ask: (name, input, context) => this.#answer(name, input as Asked, context),
    });
    const end: WorkerEnd = new WorkerEnd({
      carrier: carrier(() => end.drained()),
      linkGeneration,
      serve: (op, p, context) => serving.serve(op, p, context),
      onAck: () => {},
      onDefect: (op, error) => console.error(op, error),
    });
    void serving.tell(end, async () => this.sessions).then((stop) => end.whenClosed(stop));
    end.send({ type: "status", slots: 4, load1: 0, os: "linux", arch: "x64", conditions: [] });
    return end;
  }

  async #answer(name: LinkOperationName, input: Asked, context: ServeContext): Promise<unknown> {
    if (name === "sessions.list") return this.sessions;
    const info = this.sessions.find(({ id }) => id === input.session);
    const { signal } = context.caller;
    if (name === "sessions.wait" && info) return this.waits.wait(info, input, signal);
    if (name === "sessions.idle" && info) return this.waits.activity(info, signal);
    throw new FleettyError("unsupported", "it is emulated", { capability: name });
  }

  /** Counts a greeting as under way until it is answered, which is to be said, or its socket is gone. */
  #counted(webSocket: WebSocket): () => void {
    const { greetings } = this;
    let isOpen = true;
    greetings.count += 1;
    greetings.open += 1;
    greetings.mostAtOnce = Math.max(greetings.mostAtOnce, greetings.open);
    const over = () => {
      if (isOpen) greetings.open -= 1;
      isOpen = false;
    };
    webSocket.on("close", over);
    return over;
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
