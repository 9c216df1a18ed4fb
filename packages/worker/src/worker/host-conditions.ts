// Says what is not as it should be with session hosts. Whether the service manager that runs the server would end them, and
// every session with them, when it stops the server: compares their control groups once, when a host is first seen. And
// whether this platform lets them ask the kernel what sessions want. Ends nothing and moves nothing.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Logger } from "pino";
import { canAskLineMode } from "../pty/line-mode.ts";
import type { HostRecord } from "../session-host/host-record.ts";
import { endsWholeUnit, type Unit, unitOf } from "./service-unit.ts";

export type Condition = OperationOutput<"worker.status">["conditions"][number];

/** The service manager is on this machine and only reads; one that does not answer is not waited for. */
const ASK_MS = 2_000;

const BLIND =
  "this platform does not say what a terminal waits for: sessions are known by marks, reports and their end alone, and no secret is typed";

export class HostConditions {
  readonly #log: Logger;
  readonly #sharing = new Map<string, Condition>();
  readonly #blind: readonly Condition[];

  /** `canAsk`: session hosts are of the same platform, and run in the same Node. */
  constructor(log: Logger, canAsk = canAskLineMode()) {
    this.#log = log;
    this.#blind = canAsk ? [] : [{ type: "NoKernelAttention", reason: BLIND, since: new Date().toISOString() }];
  }

  /** Each kind once, the oldest of its hosts. */
  get all(): Condition[] {
    return [...this.#sharing.values()].slice(0, 1).concat(this.#blind);
  }

  /** Resolves when it is known of this host. */
  async look({ id, pid }: Pick<HostRecord, "id" | "pid">): Promise<void> {
    const unit = unitOf(cgroupOf("self"));
    const theirs = unitOf(cgroupOf(pid));
    if (!unit || unit.path !== theirs?.path) return;
    const killMode = await askKillMode(unit);
    if (!endsWholeUnit(killMode)) return;
    const how = killMode === "" ? "and its KillMode cannot be asked" : `with KillMode=${killMode}`;
    const reason = `the session hosts run in ${unit.name} ${how}, so stopping it ends every session; give it KillMode=process`;
    this.#sharing.set(id, { type: "HostSharesCgroup", reason, since: new Date().toISOString() });
    this.#log.warn({ host: id, unit: unit.name, condition: "HostSharesCgroup" }, reason);
  }

  forget(hostId: string): void {
    this.#sharing.delete(hostId);
  }
}

/** Lines of `/proc/<pid>/cgroup`; empty where there are none, or the process has gone. */
function cgroupOf(pid: number | "self"): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch {
    return "";
  }
}

/** As systemd says it; empty when it cannot be asked. */
function askKillMode({ name, isOfUser }: Unit): Promise<string> {
  const args = [...(isOfUser ? ["--user"] : []), "show", "--property=KillMode", "--value", "--", name];
  return new Promise((resolve) => {
    execFile("systemctl", args, { timeout: ASK_MS }, (error, stdout) => resolve(error ? "" : stdout.trim()));
  });
}
