// Holds the number of the link protocol and its history. Additive changes (a new optional field, a new message that an
// older end may ignore) keep the number; anything else takes the next one, and both ends support the one before.

/** Sub-protocol name of a link's WebSocket. */
export const LINK_PROTOCOL = "fleetty.link.v1";
/** Sub-protocol name of a viewer's stream: the same frames on the one channel 0. */
export const STREAM_PROTOCOL = "fleetty.stream.v1";

export const PROTOCOL_VERSION = 1;
export const PROTOCOL_OLDEST = 1;

/** What changed with each number, and when. */
export const protocolHistory = [{ version: 1, date: "2026-11-24", change: "first version" }] as const;

/** The range of versions that an end speaks. */
export interface ProtocolRange {
  readonly min: number;
  readonly max: number;
}

export const ourRange: ProtocolRange = { min: PROTOCOL_OLDEST, max: PROTOCOL_VERSION };

/** The highest version that both ends speak, or null. */
export function agree(a: ProtocolRange, b: ProtocolRange): number | null {
  const highest = Math.min(a.max, b.max);
  return highest >= Math.max(a.min, b.min) ? highest : null;
}
