// Reads standard input as a whole. Decides when there is none to read.
import { FleettyError } from "@fleetty/protocol/errors";

/** The most that the server takes in one input (public limits). */
const INPUT_MAX_BYTES = 1024 * 1024;

/** Throws `invalid_request` at a terminal, where nobody has said that there is something to read, and `body_too_large`. */
export async function readStandardInput(): Promise<Buffer> {
  if (process.stdin.isTTY) {
    throw new FleettyError("invalid_request", "there is nothing to type; give a text, or pipe one in");
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > INPUT_MAX_BYTES) throw new FleettyError("body_too_large", "more than 1 MiB to type; send it in pieces");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
