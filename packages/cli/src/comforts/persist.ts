// `persist`, `persist on` and `persist off`: whether a server stays without sessions, in a word.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";

function show(answer: unknown): string {
  return `${(answer as OperationOutput<"server.persist_get">).persistent ? "persistent" : "ephemeral"}\n`;
}

export const told: Comfort = {
  notes: ["persistent: it stays until it is stopped. ephemeral: it goes with its last session."],
  show,
};

export const on = switching(true);

export const off = switching(false);

function switching(persistent: boolean): Comfort {
  return { hides: ["persistent"], input: ({ members }) => ({ ...members, persistent }), show };
}
