// Says from /proc alone which programs are in the foreground of a terminal: what a story can hold the product's word against.
import { readdirSync, readFileSync } from "node:fs";

/** Names (comm of proc(5)) of the processes in the foreground group of the terminal that the process controls. */
export function foregroundOf(leader: number): string[] {
  const group = statOf(leader)?.foreground;
  if (group === undefined) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = statOf(Number(pid));
    return stat?.group === group ? [stat.name] : [];
  });
}

function statOf(pid: number): { name: string; group: number; foreground: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const fields = text.slice(end + 2).split(" ");
    return { name: text.slice(text.indexOf("(") + 1, end), group: Number(fields[2]), foreground: Number(fields[5]) };
  } catch {
    return null;
  }
}
