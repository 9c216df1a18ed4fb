// Holds what a session is made from, as the worker sends it, and what of that may be written down.
import type { OperationInput } from "@fleetty/protocol/operations";

export type SpawnSpec = OperationInput<"sessions.spawn">;

/** What the record of a session may hold: everything but the values of its environment. */
export type RecordedSpec = Omit<SpawnSpec, "env">;

export function recordable(spec: SpawnSpec): RecordedSpec {
  const { env: _, ...rest } = spec;
  return rest;
}
