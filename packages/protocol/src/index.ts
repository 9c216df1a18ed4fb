// The protocol in one import for those who need the table and the errors; the rest has its own path (`@fleetty/protocol/link`).
export * from "./errors.ts";
export { InvariantError, invariant } from "./invariant.ts";
export * from "./operations/index.ts";
export type { Confidence, Exit, Gap, Position, Screen, ScreenDelta, SessionInfo } from "./schemas/common.ts";
