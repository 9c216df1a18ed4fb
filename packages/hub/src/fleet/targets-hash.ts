// Decides whether two resolved server sets are the same: a short hash over the lasting ids of their servers. Names, order
// and health do not count, so that a set is the same as long as it means the same servers.
import { createHash } from "node:crypto";

/** 64 bits: no two sets that anybody compares are taken for one by chance. */
const DIGITS = 16;

/** `th_` and hexadecimal digits. `ids` are those of the servers, in any order, each once. */
export function targetsHash(ids: readonly string[]): `th_${string}` {
  const hash = createHash("sha256").update([...ids].sort().join("\n"));
  return `th_${hash.digest("hex").slice(0, DIGITS)}`;
}
