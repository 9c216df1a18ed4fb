// What a server tells of itself over a link, whoever dialled it: all its sessions first, then what happens, and every now and
// then how it is. Knows no socket; why a link has no inventory is its caller's to say.
import type { OperationOutput } from "../operations/index.ts";
import type { WorkerPort } from "../worker-port.ts";
import type { Call } from "./hub-end.ts";
import type { PortServing } from "./port-serving.ts";
import type { MemberStatus } from "./text-frames.ts";
import type { WorkerEnd } from "./worker-end.ts";

export interface SelfTellingParts {
  readonly end: WorkerEnd;
  readonly serving: PortServing;
  /** Null while nothing of it may be seen. */
  readonly worker: () => Pick<WorkerPort, "call"> | null;
  readonly status: () => Omit<MemberStatus, "type" | "conditions">;
  /** As whom the server asks its own worker. */
  readonly ownCall: () => Call;
}

/** Public contract, timers: tick. */
const STATUS_EVERY_MS = 10_000;

/** Goes on until the link is closed. Rejects when there is no inventory; the link is useless then. */
export async function tellOfSelf(parts: SelfTellingParts): Promise<void> {
  const { end, serving, worker, ownCall } = parts;
  const inventory = async () => (await worker()?.call("sessions.list", { include: ["exited"] }, ownCall())) ?? [];
  const stop = await serving.tell(end, inventory);
  end.whenClosed(stop);
  const telling = setInterval(() => void tellStatus(parts), STATUS_EVERY_MS);
  end.whenClosed(() => clearInterval(telling));
  await tellStatus(parts);
}

async function tellStatus({ end, worker, status, ownCall }: SelfTellingParts): Promise<void> {
  const told = await worker()
    ?.call("worker.status", {}, ownCall())
    .catch(() => null);
  const { conditions = [] } = (told ?? {}) as Partial<OperationOutput<"worker.status">>;
  end.send({ type: "status", ...status(), conditions });
}
