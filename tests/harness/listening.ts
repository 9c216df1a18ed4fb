// What a process listens on, as the kernel tells it: TCP ports and unix sockets.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** State of a TCP socket that listens, and flags of a unix one (proc_net_tcp.txt; SO_ACCEPTCON). */
const LISTEN = "0A";
const ACCEPTS = "00010000";

/** `tcp <address in hex>`, or the path of a unix socket. */
export function listeningOn(pid: number): string[] {
  const own = new Set(socketsOf(pid));
  const tcp = ["tcp", "tcp6"].flatMap((name) =>
    rows(pid, name).flatMap(([, local, , state, , , , , , inode]) =>
      state === LISTEN && own.has(inode ?? "") ? [`tcp ${local}`] : [],
    ),
  );
  const unix = rows(pid, "unix").flatMap(([, , , flags, , , inode, path]) =>
    flags === ACCEPTS && own.has(inode ?? "") ? [path ?? ""] : [],
  );
  return [...tcp, ...unix];
}

function rows(pid: number, name: string): string[][] {
  const [, ...lines] = readFileSync(`/proc/${pid}/net/${name}`, "utf8").trimEnd().split("\n");
  return lines.map((line) => line.trim().split(/\s+/));
}

/** Inodes. */
function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
