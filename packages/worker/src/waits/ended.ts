// Answers a wait on a session that has ended, from its last output and screens: whatever could be waited for has either
// happened or never will, so the answer comes at once.
import { setImmediate } from "node:timers/promises";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Screen, ScreenUnchanged, SessionInfo } from "@fleetty/protocol/schemas/common";
import {
  SessionWait,
  type WaitOutcome,
  type WatchedAttention,
  type WatchedCommands,
  type WatchedOutput,
} from "./wait.ts";

/** What is left of a session. */
export interface Ended {
  readonly info: SessionInfo;
  readonly ring: WatchedOutput;
  readonly header: {
    readonly generation: number;
    readonly epoch: number;
    /** Null when its screens were lost with its host. */
    readonly plain: Screen | null;
    readonly styled: Screen | null;
  };
}

/** Its end is all that it can still want to tell; its commands went with its shell. */
const DONE: WatchedAttention = {
  current: { attention: "done", confidence: "exact", number: 0 },
  hasBeen: () => null,
};
const NO_COMMANDS: WatchedCommands = { endedSince: () => null, ended: () => null };

/** Throws `invalid_pattern`. Lets others run between slices of output. */
export async function waitOnEnded(
  ended: Ended,
  input: OperationInput<"sessions.wait">,
): Promise<OperationOutput<"sessions.wait">> {
  const { info, ring, header } = ended;
  const outcome = await decide(ended, input);
  const { generation, epoch } = header;
  const { name: session, server, id } = info;
  return { session, server, id, ...outcome, generation, offset: ring.end, epoch, ...attached(ended, input.screen) };
}

async function decide({ info, ring, header }: Ended, input: OperationInput<"sessions.wait">): Promise<WaitOutcome> {
  const { generation } = header;
  const exit = info.exit ?? { unknown: true as const };
  const nowMs = performance.now();
  const endedAgoMs = Date.now() - (info.exited_at ? Date.parse(info.exited_at) : 0);
  const rows = () => (header.plain?.lines ?? []).filter((line) => typeof line === "string");
  const subject = {
    generation,
    lastActivityAtMs: nowMs - endedAgoMs,
    exit,
    ring,
    rows,
    attention: DONE,
    commands: NO_COMMANDS,
    echoes: { after: () => null },
    isOfCommand: () => false,
  };
  const wait = new SessionWait(subject, input, nowMs);
  for (let verdict = wait.look(nowMs); ; verdict = wait.look(nowMs)) {
    if (verdict.is === "decided") return verdict.outcome;
    await setImmediate();
  }
}

function attached(
  { header, ring }: Ended,
  asked: OperationInput<"sessions.wait">["screen"],
): { screen?: Screen | ScreenUnchanged } {
  if (asked === undefined || asked === "none" || !header.plain || !header.styled) return {};
  if (typeof asked === "string") return { screen: header[asked] as Screen };
  const { generation, epoch } = header;
  if (asked.since_epoch !== epoch) return { screen: header.plain };
  return { screen: { epoch, unchanged: true, generation, offset: ring.end } };
}
