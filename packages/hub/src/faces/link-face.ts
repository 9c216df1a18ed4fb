// The link face: lets another server's hub ask this one what any caller may ask, over one WebSocket. The token that it brings
// bounds the link: each request is carried out by the same calls as at the other faces, and for this server's own sessions
// alone. Decides the upgrade and the handshake; knows no operation.
import type { Socket } from "node:net";
import { HANDSHAKE_MS } from "@fleetty/carrier/handshake-messages";
import { type GreetedHub, type GreetingFacts, MemberGreeting } from "@fleetty/carrier/member-greeting";
import type { ServerKey } from "@fleetty/carrier/server-key";
import { carrierOver, received } from "@fleetty/carrier/socket-carrier";
import { closeWithin, guarded } from "@fleetty/carrier/socket-end";
import { FleettyError } from "@fleetty/protocol/errors";
import type { MemberStatus, WorkerEnd } from "@fleetty/protocol/link";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { requireVerb } from "../auth/verbs.ts";
import type { Caller, HubCalls } from "../calls.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { OnAnswered } from "./answered.ts";
import { keepAlive, liveWith } from "./keep-alive.ts";
import { LinkUpgrades, requireLinkProtocol } from "./link-upgrades.ts";
import { openMemberEnd } from "./member-end.ts";
import type { UpgradeRequest } from "./ws-raw.ts";

export interface LinkFaceOptions {
  readonly calls: HubCalls;
  /** What of this server's own worker a hub may see is handed over without a detour. */
  readonly fleet: Fleet;
  readonly facts: GreetingFacts;
  /** How much this server takes, as it is now. */
  readonly status: () => Omit<MemberStatus, "type" | "conditions">;
  readonly key: ServerKey;
  readonly log: Logger;
  readonly onAnswered: OnAnswered;
}

/** Hubs that have not proved themselves yet, at once (link protocol). */
const HALF_OPEN_MAX = 64;
/** Close code for a socket whose credential was taken back or has expired (public contract, close codes). */
const CREDENTIAL_ENDED = 4401;
/** Whoever does not answer the close by then is cut off. */
const CUT_WITHIN_MS = 1_000;

export class LinkFace {
  readonly #options: LinkFaceOptions;
  readonly #hubs = new Hubs();
  readonly #upgrades: LinkUpgrades;
  #halfOpen = 0;

  constructor(options: LinkFaceOptions) {
    this.#options = options;
    this.#upgrades = new LinkUpgrades(options.onAnswered);
  }

  upgrade(asked: UpgradeRequest): void {
    const { request, socket, admission } = asked;
    this.#upgrades.upgrade(asked, {
      admit: (facts, record) => {
        const caller = admission.callerOf(facts);
        record.principal = caller.actor.principal;
        requireVerb("observe", { caller });
        requireLinkProtocol(request);
        if (this.#halfOpen >= HALF_OPEN_MAX) throw tooMany();
        return caller;
      },
      opened: (webSocket, caller) => this.#greet({ webSocket, socket, caller }),
    });
  }

  /** The server stops: hubs are told that it was planned, and those that do not answer are cut off. */
  close(graceMs: number): void {
    this.#hubs.flush();
    for (const socket of this.#upgrades.sockets)
      closeWithin(socket, { code: 1001, reason: "server shutting down", graceMs });
  }

  #greet(parts: { readonly webSocket: WebSocket; readonly socket: Socket; readonly caller: Caller }): void {
    const { webSocket, caller } = parts;
    const { facts, key } = this.#options;
    this.#halfOpen += 1;
    const timer = setTimeout(() => webSocket.close(4008, "handshake timeout"), HANDSHAKE_MS);
    const greeting = new MemberGreeting({
      facts,
      key,
      lastGenerationOf: (hub) => this.#hubs.lastGenerationOf(hub),
      send: (text) => webSocket.send(text),
      refuse: (code, reason) => webSocket.close(code, reason),
    });
    let end: WorkerEnd | null = null;
    let isGreeting = true;
    const settle = () => {
      clearTimeout(timer);
      if (isGreeting) this.#halfOpen -= 1;
      isGreeting = false;
    };
    webSocket.on("close", () => {
      settle();
      end?.closed();
    });
    webSocket.on("message", (data, isBinary) => {
      guarded(webSocket, () => {
        const message = received(data, isBinary);
        if (end) return end.receive(message);
        const hub = greeting.take(message);
        if (!hub) return;
        settle();
        end = this.#open(parts, hub);
      });
    });
    keepAlive(webSocket);
    liveWith(caller.credential, webSocket, () => {
      end?.closed();
      closeWithin(webSocket, { code: CREDENTIAL_ENDED, reason: "credential ended", graceMs: CUT_WITHIN_MS });
    });
  }

  #open(
    { webSocket, socket, caller }: { readonly webSocket: WebSocket; readonly socket: Socket; readonly caller: Caller },
    hub: GreetedHub,
  ): WorkerEnd | null {
    const holder = this.#hubs.admit(hub, webSocket);
    if (!holder) {
      webSocket.close(4009, "superseded");
      return null;
    }
    const { calls, fleet, facts, status, log } = this.#options;
    const end = openMemberEnd({
      carrier: (onDrained) => carrierOver({ webSocket, socket, onDrained }),
      linkGeneration: hub.linkGeneration,
      hub: hub.hub,
      caller,
      calls,
      hostname: facts.hostname,
      see: () => fleet.seenBy(caller.credential.facts.scope).local,
      status,
      log,
    });
    holder.end = end;
    log.info({ hub: hub.hub, principal: caller.actor.principal, address: caller.actor.address }, "a hub is linked");
    webSocket.once("close", () => this.#hubs.left(hub, holder));
    return end;
  }
}

interface Holder {
  readonly key: string;
  readonly linkGeneration: number;
  readonly socket: WebSocket;
  end: WorkerEnd | null;
}

/** Which hubs are linked: each by one link, its newest. */
class Hubs {
  readonly #holders = new Map<string, Holder>();
  readonly #last = new Map<string, number>();

  lastGenerationOf(hub: string): number {
    return this.#last.get(hub) ?? 0;
  }

  /** Null for an older link than the one there is, or a hub of that name with another key. */
  admit({ hub, key, linkGeneration }: GreetedHub, socket: WebSocket): Holder | null {
    const before = this.#holders.get(hub);
    if (linkGeneration <= this.lastGenerationOf(hub) || (before && before.key !== key)) return null;
    before?.end?.closed();
    if (before) closeWithin(before.socket, { code: 4009, reason: "superseded", graceMs: CUT_WITHIN_MS });
    const holder = { key, linkGeneration, socket, end: null };
    this.#holders.set(hub, holder);
    this.#last.set(hub, linkGeneration);
    return holder;
  }

  /** What has been answered goes out before their links are closed. */
  flush(): void {
    for (const { end } of this.#holders.values()) end?.flush();
  }

  left({ hub }: GreetedHub, holder: Holder): void {
    if (this.#holders.get(hub) === holder) this.#holders.delete(hub);
  }
}

function tooMany(): FleettyError {
  return new FleettyError("resource_limit_reached", "too many hubs are being greeted; try again in a moment", {
    limit: "handshakes",
    max: HALF_OPEN_MAX,
  });
}
