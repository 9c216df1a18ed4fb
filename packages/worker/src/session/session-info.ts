// Puts together what is told of a session: from its spec, where it is now, and what the kernel says of its program.
import { readlinkSync } from "node:fs";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Screen } from "../screen/screen.ts";
import type { Session } from "./session.ts";
import { timeOf } from "./wall-clock.ts";

/** `screen`: null as long as nobody needed one, which is not made for this. */
export function sessionInfo(session: Session, screen: Screen | null): SessionInfo {
  const { spec, end, labels } = session;
  const wants = session.attention.current;
  return {
    name: labels.name,
    server: spec.server,
    pid: session.pid,
    command: spec.command,
    ...session.size.outer,
    clients: 0,
    tags: [...labels.tags],
    last_activity_ms: session.quietMs(),
    id: spec.id,
    state: end ? "exited" : "running",
    exit: end?.exit ?? null,
    end_reason: end?.reason ?? null,
    created_at: spec.created_at,
    exited_at: end?.at ?? null,
    ...session.position(),
    epoch: screen?.look() ?? 0,
    attention: wants.attention,
    attention_since: timeOf(wants.atMs),
    attention_confidence: wants.confidence,
    title: screen?.title ?? "",
    cwd: end ? null : workingDirectory(session),
    recording: false,
    workspace: null,
    lease: session.lease.shown,
    ...(end?.tail !== undefined && { tail: end.tail }),
  };
}

/** Null where the kernel does not say: the program is gone, or another user's. */
function workingDirectory({ pid }: Session): string | null {
  try {
    return pid === null ? null : readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
