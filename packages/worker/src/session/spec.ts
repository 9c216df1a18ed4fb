// Holds what a session is made from, as the worker sends it, and what of that may be written down.
import type { OperationInput } from "@fleetty/protocol/operations";

export type SpawnSpec = OperationInput<"sessions.spawn">;

/** What the record of a session may hold: everything but the values of its environment and its prompt. */
export type RecordedSpec = Omit<SpawnSpec, "env" | "prompt">;

export function recordable(spec: SpawnSpec): RecordedSpec {
  const { env: _, prompt: __, ...rest } = spec;
  return rest;
}
