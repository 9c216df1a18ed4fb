// Holds what the tests of this folder share: a host in this process, with a state folder of its own, and hub ends that are
// linked to it through the codec, one after the other. Knows nothing of single tests.
import { mkdtempDisposableSync } from "node:fs";
import { type Call, HubEnd, type JournalEvent, type Tick, WorkerEnd } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { pino } from "pino";
import { systemClock } from "../pty/clock.ts";
import { Host } from "./host.ts";

export const call: Call = {
  actor: { principal: "local", kind: "human", face: "test" },
  via: [],
  deadlineMs: 60_000,
};

/** A hub end, and what it was told. */
export interface Linked {
  readonly end: HubEnd;
  readonly inventories: SessionInfo[][];
  readonly events: JournalEvent[];
  readonly ticks: Omit<Tick, "type">[];
  /** What the socket below is said to hold unsent. */
  held: number;
  /** The socket below has sent what it held. */
  drained(): void;
  cut(): void;
}

export class TestHost {
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  readonly #links: Linked[] = [];
  readonly host: Host;
  isDone = false;

  constructor({ ringBytes = 1024 * 1024, clock = systemClock } = {}) {
    this.host = new Host({
      hostId: "abcdefgh",
      stateDir: this.stateDir,
      limits: { ringBytes },
      clock,
      log: pino({ level: "silent" }),
      onDone: () => {
        this.isDone = true;
      },
    });
  }

  get stateDir(): string {
    return this.#folder.path;
  }

  link(): Linked {
    const { host } = this;
    const worker: WorkerEnd = new WorkerEnd({
      carrier: { send: (data) => hub.receive(copied(data)), bufferedBytes: () => linked.held, close: () => {} },
      linkGeneration: 1,
      serve: (op, p, context) => host.serve(op, p, context),
      onAck: (seq) => host.acknowledged(seq),
      onDefect: (op, error) => {
        throw new Error(`defect in ${op}`, { cause: error.cause });
      },
    });
    const hub: HubEnd = new HubEnd({
      carrier: { send: (data) => worker.receive(copied(data)), bufferedBytes: () => 0, close: () => {} },
      linkGeneration: 1,
      peerName: "test host",
      onInventory: (sessions) => linked.inventories.push(sessions),
      onEvent: (event) => linked.events.push(event),
      onChanged: () => {},
      onTick: ({ busy, retiring }) => linked.ticks.push({ busy, retiring }),
    });
    const linked: Linked = {
      end: hub,
      inventories: [],
      events: [],
      ticks: [],
      held: 0,
      drained: () => worker.drained(),
      cut: () => {
        worker.closed();
        hub.closed();
        host.unlinked(worker);
      },
    };
    const policy = { max_frame: 1_048_576, max_inflight: 4096, credit: 1_048_576 };
    const welcome = { type: "welcome", link: "lnk_1", link_generation: 1, protocol: 1, incarnation: 1 } as const;
    host.linked(worker, { ...welcome, journal_acked: 0, policy, proof: "" });
    this.#links.push(linked);
    return linked;
  }

  async [Symbol.asyncDispose]() {
    await this.host.endAll();
    for (const linked of this.#links) linked.cut();
    this.#folder.remove();
  }
}

function copied(data: string | Uint8Array): string | Uint8Array {
  return typeof data === "string" ? data : data.slice();
}
