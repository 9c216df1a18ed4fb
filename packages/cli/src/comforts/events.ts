// `events`: a line for each event, for as long as somebody wants; JSON lines for programs.
import type { FleetEvent } from "@fleetty/client";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import { visible } from "../print/visible.ts";

export const comfort: Comfort = {
  // Of the form that answers once.
  hides: ["max_wait_ms", "limit"],
  notes: [
    "Goes on until it is interrupted, over lost connections too. A gap says that something was missed: look again.",
  ],
  run: async ({ members, globals }, client, signal) => {
    for await (const event of client.events.stream(members as OperationInput<"events.stream">, { signal }))
      await (globals.json ? printJson(event) : writeOut(lineOf(event)));
    return 0;
  },
};

/** `2026-03-02T09:00:00.000Z web-1 session.exited build exit 0`. */
export function lineOf({ at, server, type, session, data }: FleetEvent): string {
  const words = [at, server, type, ...(session === undefined ? [] : [session]), ...details(type, data)];
  return `${words.map((word) => visible(word)).join(" ")}\n`;
}

function details(type: string, data: Readonly<Record<string, unknown>>): string[] {
  switch (type) {
    case "session.created":
      return [`${data["command"]}`];
    case "session.exited":
      return [
        ...Object.entries((data["exit"] ?? {}) as object)
          .flat()
          .map(String),
        ...textOf(data["end_reason"]),
      ];
    case "server.added":
      return [`${data["address"]}`];
    default:
      return Object.entries(data).flatMap(([name, value]) => (isEmpty(value) ? [] : [`${name}=${told(value)}`]));
  }
}

function textOf(value: unknown): string[] {
  return typeof value === "string" ? [value] : [];
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function told(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
