// The face for workers that dial this server: decides the upgrade and counts what fails; who may be a member is decided at
// the reception. It has its own handshake, so no token is wanted; no page has any business here.
import { NotWelcome } from "@fleetty/carrier/hub-greeting";
import { FleettyError } from "@fleetty/protocol/errors";
import { MalformedFrame } from "@fleetty/protocol/link";
import type { Logger } from "pino";
import type { Admission, RequestFacts } from "../auth/admission.ts";
import { countedAs } from "../auth/peer-address.ts";
import type { Reception } from "../fleet/reception.ts";
import type { OnAnswered } from "./answered.ts";
import { HalfOpen } from "./half-open.ts";
import { LinkUpgrades, requireLinkProtocol } from "./link-upgrades.ts";
import type { UpgradeRequest } from "./socket-face.ts";

export interface WorkersFaceOptions {
  readonly reception: Reception;
  readonly log: Logger;
  readonly onAnswered: OnAnswered;
}

/** Refusals of whoever has not proved who it is: such an attempt counts as a wrong credential does. */
const UNPROVED: ReadonlySet<string> = new Set(["bad_identity", "revoked"]);

export class WorkersFace {
  readonly #options: WorkersFaceOptions;
  readonly #halfOpen = new HalfOpen();
  readonly #upgrades: LinkUpgrades;

  constructor(options: WorkersFaceOptions) {
    this.#options = options;
    this.#upgrades = new LinkUpgrades(options.onAnswered);
  }

  upgrade(asked: UpgradeRequest): void {
    const { socket } = asked;
    this.#upgrades.upgrade(asked, {
      admit: (facts) => this.#admit(asked, facts),
      opened: (webSocket, place) => {
        webSocket.once("close", place.leave);
        const dialler = { socket: webSocket, below: socket, address: place.address };
        void this.#options.reception.greet(dialler).then(
          (member) => {
            place.leave();
            this.#options.log.info({ server: member.hostname, address: place.address }, "a worker is linked");
          },
          (thrown: unknown) => this.#turnedAway(thrown, place),
        );
      },
    });
  }

  /** The server stops: links have been closed by whoever has them, and nobody is greeted any more. */
  close(): void {
    for (const socket of this.#upgrades.sockets) if (socket.readyState === socket.OPEN) socket.terminate();
  }

  #admit({ request, admission }: UpgradeRequest, facts: RequestFacts): Place {
    const address = admission.addressOf(facts) ?? null;
    requirePrivate(facts, admission);
    const attempt = admission.attempt(facts);
    // Whoever may not try is told so before anything is looked at.
    attempt(() => true);
    requireLinkProtocol(request);
    const leave = this.#halfOpen.take(countedAs(address ?? ""));
    if (!leave) throw tooMany();
    return { address, leave, failed: () => void attempt(() => null) };
  }

  #turnedAway(thrown: unknown, { address, failed }: Place): void {
    const isWrong = thrown instanceof MalformedFrame || (thrown instanceof NotWelcome && UNPROVED.has(thrown.reason));
    const { log } = this.#options;
    const reason =
      thrown instanceof NotWelcome ? thrown.reason : thrown instanceof MalformedFrame ? "no_link" : "closed";
    const detail = thrown instanceof NotWelcome ? thrown.message : null;
    log.warn({ address, reason, detail }, "a worker was not let in");
    if (!isWrong) return;
    try {
      failed();
    } catch {
      // Its address has tried too often meanwhile: the next upgrade from there is told so.
    }
  }
}

interface Place {
  /** Of whoever dials, as far as proxies are believed; null on the unix socket. */
  readonly address: string | null;
  readonly leave: () => void;
  /** Counts a wrong credential of that address. */
  readonly failed: () => void;
}

/** Throws `forbidden {reason: "plaintext"}` for whoever comes from another machine without TLS. */
function requirePrivate(facts: RequestFacts, admission: Admission): void {
  if (admission.isPrivate(facts)) return;
  const message = "workers on other machines join over TLS; give this server a certificate, and dial it by https://";
  throw new FleettyError("forbidden", message, { reason: "plaintext" });
}

function tooMany(): FleettyError {
  return new FleettyError("resource_limit_reached", "too many workers are being greeted; try again in a moment", {
    limit: "handshakes",
  });
}
