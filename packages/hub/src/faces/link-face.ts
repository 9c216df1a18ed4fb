// The link face: lets another server's hub ask this one what any caller may ask, over one WebSocket. The token that it brings
// bounds the link: each request is carried out by the same calls as at the other faces, and for this server's own sessions
// alone. Decides the upgrade and the handshake; knows no operation.
import type { Socket } from "node:net";
import { answer } from "@fleetty/carrier/answering";
import { LinkedHubs } from "@fleetty/carrier/linked-hubs";
import { type GreetedHub, type GreetingFacts, MemberGreeting } from "@fleetty/carrier/member-greeting";
import type { ServerKey } from "@fleetty/carrier/server-key";
import { carrierOver } from "@fleetty/carrier/socket-carrier";
import { closeWithin } from "@fleetty/carrier/socket-end";
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
import type { UpgradeRequest } from "./socket-face.ts";

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

export class LinkFace {
  readonly #options: LinkFaceOptions;
  readonly #hubs = new LinkedHubs();
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

  /**
   * The server stops: what hubs have asked is answered within `graceMs`, they are told that it was planned, and those that do
   * not answer are cut off.
   */
  async close(graceMs: number): Promise<void> {
    await within(graceMs, this.#hubs.answered());
    this.#hubs.flush();
    for (const socket of this.#upgrades.sockets)
      closeWithin(socket, { code: 1001, reason: "server shutting down", graceMs });
  }

  #greet(parts: { readonly webSocket: WebSocket; readonly socket: Socket; readonly caller: Caller }): void {
    const { webSocket, caller } = parts;
    const { facts, key } = this.#options;
    this.#halfOpen += 1;
    const greeting = new MemberGreeting({
      facts,
      key,
      lastGenerationOf: (hub) => this.#hubs.lastGenerationOf(hub),
      send: (text) => webSocket.send(text),
      refuse: (code, reason) => webSocket.close(code, reason),
    });
    const endLink = answer(webSocket, {
      take: (message) => greeting.take(message),
      open: (hub) => this.#open(parts, hub),
      onSettled: () => {
        this.#halfOpen -= 1;
      },
    });
    keepAlive(webSocket);
    liveWith(caller.credential, webSocket, () => {
      endLink();
      closeWithin(webSocket, { code: CREDENTIAL_ENDED, reason: "credential ended" });
    });
  }

  #open(
    { webSocket, socket, caller }: { readonly webSocket: WebSocket; readonly socket: Socket; readonly caller: Caller },
    hub: GreetedHub,
  ): WorkerEnd | null {
    const { calls, fleet, facts, status, log } = this.#options;
    const open = () =>
      openMemberEnd({
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
    const end = this.#hubs.admit(hub, webSocket, open);
    const { principal, address } = caller.actor;
    if (end) log.info({ hub: hub.hub, principal, address }, "a hub is linked");
    return end;
  }
}

async function within(ms: number, done: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  await Promise.race([done, over.promise]);
  clearTimeout(timer);
}

function tooMany(): FleettyError {
  return new FleettyError("resource_limit_reached", "too many hubs are being greeted; try again in a moment", {
    limit: "handshakes",
    max: HALF_OPEN_MAX,
  });
}
