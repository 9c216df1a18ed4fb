// Answers a read of a session's screen: whole, or what changed since an epoch, with the position that it is true at.
import type { Screen, ScreenDelta, ScreenUnchanged } from "@fleetty/protocol/schemas/common";
import { highlightsOf, type StyledScreen } from "../screen/highlights.ts";
import type { Session } from "./session.ts";

export interface ScreenRequest {
  readonly format?: "styled" | "plain" | undefined;
  readonly since_epoch?: number | undefined;
  readonly highlights?: boolean | undefined;
}

/** `last_activity_ms` comes last, so that a kept answer can be brought up to date by its end alone. */
export function readScreen(session: Session, request: ScreenRequest): Screen | ScreenDelta | ScreenUnchanged {
  const screen = session.screen();
  const format = request.format ?? "styled";
  const read = request.since_epoch === undefined ? screen.read(format) : screen.readSince(format, request.since_epoch);
  const { generation, offset } = session.position();
  if ("unchanged" in read) return { ...read, generation, offset };
  const highlights = request.highlights && { highlights: highlightsOf(screen.read("styled") as StyledScreen) };
  return { ...read, generation, offset, ...highlights, last_activity_ms: session.quietMs() };
}
