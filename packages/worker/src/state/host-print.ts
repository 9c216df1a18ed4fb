// Tells machines and their boots apart, so that a restarted server is told from a copy of its state folder on another machine.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** A hash of the machine's id and of this boot's; what a system does not say counts as empty (machine-id(5)). */
export function hostPrint(): string {
  const parts = ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"].map(readOrNothing);
  return createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 22);
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}
