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
  // One may have members that the first has not.
  const members = [...new Set(items.flatMap((item) => Object.keys(item as object)))];
  const heading = members.map((member) => member.toUpperCase());
  return table(
    heading,
    items.map((item) => members.map((member) => cell((item as Record<string, unknown>)[member]))),
  );
}

function showDetails(answer: Record<string, unknown>): string {
  const members = Object.keys(answer);
  const columns = Math.max(0, ...members.map((member) => member.length));
  const margin = " ".repeat(columns + 2);
  const said = (member: string) => entries(answer[member]).map(visible).join(`\n${margin}`);
  return members.map((member) => `${member.padEnd(columns)}  ${said(member)}\n`).join("");
}

/** A line for each object of a list, which has no table of its own here; one for everything else. */
function entries(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return [cell(value)];
  return value.map((item) =>
    Object.entries(item)
      .map(([member, of]) => `${member} ${cell(of)}`)
      .join("  "),
  );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(",") || "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
