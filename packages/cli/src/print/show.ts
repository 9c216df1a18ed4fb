// Shows any answer to people: a table for a list of objects, one member a line for an object. Knows no operation.
import { table } from "./table.ts";
import { visible, visibleLines } from "./visible.ts";

/** The text for people; empty when there is nothing to say. */
export function show(answer: unknown): string {
  if (answer === undefined || answer === null) return "";
  if (Array.isArray(answer)) return showList(answer);
  if (isRecord(answer)) return showDetails(answer);
  return `${visibleLines(String(answer))}\n`;
}

function showList(items: readonly unknown[]): string {
  const first = items[0];
  if (!isRecord(first)) return items.map((item) => `${visible(cell(item))}\n`).join("");
  const members = Object.keys(first);
  const heading = members.map((member) => member.toUpperCase());
  return table(
    heading,
    items.map((item) => members.map((member) => cell((item as Record<string, unknown>)[member]))),
  );
}

function showDetails(answer: Record<string, unknown>): string {
  const members = Object.keys(answer);
  const columns = Math.max(0, ...members.map((member) => member.length));
  return members.map((member) => `${member.padEnd(columns)}  ${visible(cell(answer[member]))}\n`).join("");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(",") || "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
