// Keeps the one link of a worker to its hub: dials for ever, ever more seldom and never in step with others, watches whether
// the link is alive, and keeps what it learns of the hub. Ends only when it is closed, or when the hub says that it is for ever.
//
//   dialling ──greeted──► linked ──closed, silent──► waiting ──► dialling
//      │ failed ──► waiting
//      └──code refused, key revoked──► over
import { type JoinCode, keyFingerprint } from "@fleetty/carrier/join-code";
import type { GreetedHub, GreetingFacts } from "@fleetty/carrier/member-greeting";
import { Redial } from "@fleetty/carrier/redial";
import type { ServerKey } from "@fleetty/carrier/server-key";
import { carrierOver } from "@fleetty/carrier/socket-carrier";
import { closeWithin, guarded } from "@fleetty/carrier/socket-end";
import { FleettyError } from "@fleetty/protocol/errors";
import { Liveness, memberLiveness, refusalOf, refusals, type WorkerEnd } from "@fleetty/protocol/link";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type { HubAddress } from "./hub-address.ts";
import { type DialledHub, dialHub, type HubDialFailure } from "./hub-dial.ts";
import type { HubRecord } from "./hub-record.ts";
import type { ServedLink } from "./served-worker.ts";

export interface HubLinkOptions {
  readonly address: HubAddress;
  readonly ca: { readonly file: string; readonly text: string } | null;
  readonly facts: GreetingFacts;
  readonly key: ServerKey;
  /** The code of this start; null when the hub was joined before. */
  readonly join: JoinCode | null;
  /** The hub as it was met last, at whatever address; null when none was. */
  readonly record: HubRecord | null;
  /** On the disk when it returns. */
  readonly keep: (record: HubRecord) => void;
  readonly serve: (link: ServedLink) => WorkerEnd;
  readonly log: Logger;
  /** Nothing more is to be hoped for without a person. */
  readonly onOver: (why: FleettyError) => void;
}

/** Between tries at a hub that knows this worker and does not want it now (link protocol, close codes). */
const UNWANTED_MS = 30_000;

interface OpenLink {
  readonly end: WorkerEnd;
  readonly webSocket: WebSocket;
  readonly liveness: Liveness;
  /** For silence. */
  readonly looking: NodeJS.Timeout;
}

export class HubLink {
  readonly #options: HubLinkOptions;
  readonly #redial = new Redial();
  readonly #closed = new AbortController();
  #record: HubRecord | null;
  #join: JoinCode | null;
  /** The hub of the code, as it said who it is. */
  #met: Pick<HubRecord, "hub" | "key"> | null = null;
  #link: OpenLink | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** What was said last of why there is no link. */
  #said: string | null = null;

  constructor(options: HubLinkOptions) {
    this.#options = options;
    this.#record = options.record;
    this.#join = options.join;
  }

  start(): void {
    void this.#dial();
  }

  /** The hub is told that it was planned. */
  close(): void {
    this.#closed.abort();
    clearTimeout(this.#timer ?? undefined);
    const link = this.#link;
    if (!link) return;
    link.end.flush();
    this.#drop(link);
    closeWithin(link.webSocket, { code: 1000, reason: "bye" });
  }

  async #dial(): Promise<void> {
    const { address, ca, facts, key } = this.#options;
    const outcome = await dialHub(
      {
        address,
        ca: ca?.text ?? null,
        facts,
        key,
        isMeant: (hub) => this.#isMeant(hub),
        lastGenerationOf: (hub) => this.#lastGenerationOf(hub),
        join: this.#join,
      },
      this.#closed.signal,
    );
    if (this.#closed.signal.aborted) return outcome.kind === "greeted" ? outcome.webSocket.terminate() : undefined;
    if (outcome.kind === "greeted") this.#opened(outcome);
    else this.#failed(outcome);
  }

  /** A code names its hub by fingerprint; without one it is the hub that was met before, and no other. */
  #isMeant({ hub, key }: { readonly hub: string; readonly key: string }): boolean {
    if (this.#join) {
      const isCodes = keyFingerprint(key) === this.#join.hubFingerprint;
      if (isCodes) this.#met = { hub, key };
      return isCodes;
    }
    return this.#record !== null && hub === this.#record.hub && key === this.#record.key;
  }

  #lastGenerationOf(hub: string): number {
    return this.#record?.hub === hub ? this.#record.link_generation : 0;
  }

  #opened({ greeted, webSocket, socket, messages }: DialledHub): void {
    if (greeted.linkGeneration <= this.#lastGenerationOf(greeted.hub)) {
      webSocket.close(4010, "an old link");
      return this.#again(this.#redial.failed(Math.random()), "stale");
    }
    this.#keep(greeted, greeted.linkGeneration);
    const ladder = memberLiveness(greeted.lostAfterMs);
    const liveness = new Liveness(ladder, performance.now());
    const end = this.#options.serve({
      carrier: (onDrained) => carrierOver({ webSocket, socket, onDrained }),
      hub: greeted.hub,
      linkGeneration: greeted.linkGeneration,
      onPong: () => liveness.answered(),
    });
    const looking = setInterval(() => look(link, performance.now()), ladder.lookEveryMs);
    looking.unref();
    const link: OpenLink = { end, webSocket, liveness, looking };
    this.#link = link;
    this.#join = null;
    this.#redial.succeeded();
    this.#said = null;
    this.#options.log.info({ hub: greeted.hub, address: this.#options.address.text }, "linked to the hub");
    webSocket.on("close", (code) => this.#lost(link, code));
    messages.handOver((data) => receive(link, data));
    if (webSocket.readyState !== webSocket.OPEN) this.#lost(link, messages.closedWith ?? 1006);
  }

  #keep({ hub, key }: Pick<GreetedHub, "hub" | "key">, linkGeneration: number): void {
    const { address, ca, keep } = this.#options;
    this.#record = { address: address.text, ca_file: ca?.file ?? null, hub, key, link_generation: linkGeneration };
    keep(this.#record);
  }

  #lost(link: OpenLink, code: number): void {
    if (this.#link !== link) return;
    this.#drop(link);
    this.#options.log.warn({ code }, "the link to the hub is lost; its sessions live on here");
    this.#failed({ kind: "failed", code, detail: "closed" });
  }

  #drop({ end, looking }: OpenLink): void {
    this.#link = null;
    clearInterval(looking);
    end.closed();
  }

  #failed({ code, detail }: HubDialFailure): void {
    if (code === refusals.revoked)
      return this.#over("this worker's key was revoked by the hub, for ever", REVOKED_ADVICE);
    if (code === refusals.bad_identity && this.#join) {
      return this.#over("the hub was not joined: it is not the code's hub, or does not take the code", JOIN_ADVICE);
    }
    if (code === refusals.bad_identity || code === refusals.duplicate) {
      return this.#again(
        UNWANTED_MS * (0.5 + Math.random() / 2),
        code === refusals.duplicate ? "duplicate" : "unknown",
      );
    }
    // The code is used up: from now on this worker is known by its key, as the hub by its own.
    if (code === refusals.pending_approval && this.#join && this.#met) this.#keep(this.#met, 0);
    this.#again(this.#redial.failed(Math.random()), refusalOf(code) ?? (code === null ? detail : `closed_${code}`));
  }

  #again(waitMs: number, reason: string): void {
    if (this.#closed.signal.aborted) return;
    if (reason !== this.#said) {
      const { log, address } = this.#options;
      log.warn(
        { address: address.text, reason, advice: ADVICE[reason] },
        "there is no link to the hub; it is dialled again",
      );
    }
    this.#said = reason;
    this.#timer = setTimeout(() => void this.#dial(), waitMs);
  }

  #over(fact: string, advice: string): void {
    this.#options.onOver(new FleettyError("forbidden", `${fact}; ${advice}`, { reason: "not_let_in" }));
  }
}

const JOIN_ADVICE = "codes are used once and expire; make another one with fleetty servers join-code";
const REVOKED_ADVICE =
  "sessions live on; to join again, remove server.key from the state folder and use a new join code";

/** What an operator can do, by reason. */
const ADVICE: Readonly<Record<string, string>> = {
  unknown: "the hub does not know this worker any more, or another hub answers; join with a new code",
  duplicate: "another run of this worker is linked: its state was copied",
  pending_approval: "fleetty servers approve lets it in",
  hostname_conflict: "another server has this hostname; choose one with --hostname, or name it in the join code",
  http_403: "a hub takes workers of other machines over TLS alone",
  http_429: "too many failed attempts came from this address",
};

/** Nothing comes, or what is asked is not answered: then it is closed here, for the hub may not hear of it. */
function look({ end, webSocket, liveness }: OpenLink, nowMs: number): void {
  const verdict = liveness.verdict(nowMs);
  if (verdict === "probe") end.send({ type: "ping", n: 0, mono_ms: nowMs });
  if (verdict === "lost") webSocket.terminate();
}

function receive({ end, webSocket, liveness }: OpenLink, data: string | Uint8Array): void {
  liveness.heard(performance.now());
  guarded(webSocket, () => end.receive(data));
}
