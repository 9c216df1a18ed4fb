// Keeps the link to one session host: dials it, dials again when the link is lost, and gives the verdict when the host's
// process is gone. Knows one host and no session.
//
//   connecting ──inventory──► up ──socket closed──► connecting (again after 100 ms, then ever more seldom)
//        └──other protocol──► incompatible (asked again too)          any ──process gone──► lost (for ever)
import { readFileSync } from "node:fs";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Call, HubEnd, JournalEvent, Tick } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import { dialHost, type OpenHostLink } from "../link/host-dial.ts";
import { isRunning } from "../pty/processes.ts";
import type { HostRecord } from "../session-host/host-record.ts";
import { FLEETTY_VERSION } from "../version.ts";

/** A host on the same machine answers at once or is gone: look again soon. One that stays silent is asked more seldom. */
const REDIAL_MS = { first: 100, last: 5_000 };
/** How long a request waits for a link that is being dialled again. */
const PATIENCE_MS = 5_000;

/** A host whose last outcome is acknowledged leaves at once; a loaded machine takes longer. */
const LEAVES_MS = 5_000;

const RETIRE: Call = { actor: { principal: "worker", kind: "agent", face: "worker" }, via: [], deadlineMs: 10_000 };

export interface HostLinkOptions {
  readonly record: HostRecord;
  readonly keyPath: string;
  readonly serverId: string;
  readonly incarnation: number;
  readonly log: Logger;
  /** A number above every earlier one, of this and of earlier runs. */
  readonly nextLinkGeneration: () => number;
  readonly onInventory: (sessions: SessionInfo[]) => void;
  readonly onEvent: (event: JournalEvent) => void;
  readonly onChanged: (session: string) => void;
  /** The process is gone. Told once. */
  readonly onLost: () => void;
}

export type HostState = "connecting" | "up" | "lost" | "incompatible";

export class HostLink {
  readonly #options: HostLinkOptions;
  #state: HostState = "connecting";
  #link: OpenHostLink | null = null;
  #busy = 0;
  #isRetiring = false;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #redialMs = REDIAL_MS.first;
  /** What was logged last, so that the same is not said again with every try. */
  #complaint = "";
  #isClosed = false;

  constructor(options: HostLinkOptions) {
    this.#options = options;
  }

  get id(): string {
    return this.#options.record.id;
  }

  get record(): HostRecord {
    return this.#options.record;
  }

  get state(): HostState {
    return this.#state;
  }

  /** Share of its last 10 s that the host worked, 0 to 1, as it said last. */
  get busy(): number {
    return this.#busy;
  }

  /** It takes no new sessions and goes with its last one: that is asked of a host of another version of the program. */
  get isRetiring(): boolean {
    return this.#isRetiring;
  }

  get takesSessions(): boolean {
    return this.#state === "up" && !this.#isRetiring;
  }

  /** Resolves after the first attempt that settles the state, or a little later. */
  async open(): Promise<void> {
    await this.#dial();
    await this.settled();
  }

  /** Resolves at once unless the host is being dialled: then when that is decided, or after 5 s. */
  async settled(): Promise<void> {
    if (this.#state === "connecting") await this.#whenSettled();
  }

  /** The open end, waiting a little for one that is being dialled again. Rejects with `server_unavailable`. */
  async end(): Promise<HubEnd> {
    await this.settled();
    if (this.#link?.end.isOpen) return this.#link.end;
    const reason = this.#state === "incompatible" ? "incompatible_version" : "closed";
    throw new FleettyError(
      "server_unavailable",
      `session host ${this.id} cannot be reached (${reason}); see fleetty session-host status`,
      {
        reason,
        may_have_run: false,
      },
    );
  }

  /** Resolves when the host's process is gone, or after `patienceMs`. */
  async gone(patienceMs: number): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    while (this.#state !== "lost" && !this.#isClosed && performance.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Ends every session of the host, and the host. Rejects with `still_running` when processes outlive it. */
  async endSessions(call: Call): Promise<void> {
    const end = await this.end();
    const answer = end.request("host.end", {}, call).catch((refusal: FleettyError) => refusal);
    // It leaves once we have taken over the last outcome, perhaps before its answer is read.
    await answer;
    await this.gone(LEAVES_MS);
    if (this.#state === "lost") return;
    const refusal = await answer;
    if (refusal instanceof FleettyError) throw refusal;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#link?.close();
    this.#release();
  }

  async #dial(): Promise<void> {
    if (this.#isClosed) return;
    try {
      const link = await dialHost(this.#dialOptions());
      if (this.#isClosed) return link.close();
      this.#link = link;
      this.#retireOther(link);
      this.#redialMs = REDIAL_MS.first;
      this.#complaint = "";
      this.#settle("up");
    } catch (thrown) {
      this.#judge(toFleettyError(thrown));
    }
  }

  #retireOther({ hello: { version }, end }: OpenHostLink): void {
    if (version === FLEETTY_VERSION) return;
    const { record, log } = this.#options;
    this.#isRetiring = true;
    log.info({ host: record.id, version }, "a session host of another version leaves with its last session");
    end
      .request("host.retire", {}, RETIRE)
      .catch((err) => log.warn({ host: record.id, err }, "a session host was not told to retire; it gets no sessions"));
  }

  #dialOptions() {
    const { record, keyPath, serverId, incarnation, onInventory, onEvent, onChanged, nextLinkGeneration } =
      this.#options;
    return {
      hostId: record.id,
      socketPath: record.socket,
      key: readFileSync(keyPath),
      serverId,
      incarnation,
      linkGeneration: nextLinkGeneration(),
      journalAcked: () => 0,
      onInventory,
      onEvent,
      onChanged,
      onTick: ({ busy, retiring }: Tick) => {
        this.#busy = busy;
        this.#isRetiring ||= retiring;
      },
      onClosed: () => this.#onClosed(),
    };
  }

  #onClosed(): void {
    this.#link = null;
    if (this.#isClosed || this.#state === "lost") return;
    this.#state = "connecting";
    this.#judge(null);
  }

  /** Only positive evidence ends a host: its process is gone. Else it is dialled again. */
  #judge(error: FleettyError | null): void {
    const { record } = this.#options;
    if (this.#isClosed) return;
    if (!isRunning({ pid: record.pid, startTime: record.start_time, bootId: record.boot_id })) return this.#lose();
    if (error?.details?.["reason"] === "incompatible_version") this.#settle("incompatible");
    if (error) this.#complain(error);
    this.#timer = setTimeout(() => void this.#dial(), this.#redialMs);
    this.#redialMs = Math.min(2 * this.#redialMs, REDIAL_MS.last);
  }

  #complain(error: FleettyError): void {
    const err = error.cause ?? error;
    const complaint = String(err);
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    const { record, log } = this.#options;
    log.warn({ host: record.id, pid: record.pid, err }, "a session host cannot be used; it is dialled again");
  }

  #lose(): void {
    this.#settle("lost");
    this.#options.onLost();
  }

  #settle(state: HostState): void {
    this.#state = state;
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #whenSettled(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
