// Names requests, for whoever looks for one of them in the log: unique within a process run by counting, between runs by
// a random beginning. Made for every request, so it costs next to nothing.
import { randomBytes } from "node:crypto";

const run = randomBytes(5).toString("hex");
let count = 0;

export function requestId(): string {
  count += 1;
  return `req_${run}${count.toString(36).padStart(6, "0")}`;
}
