// Reads standard input as a whole. Decides when there is none to read.
import { FleettyError } from "@fleetty/protocol/errors";

/** The most that the server takes in one input (public limits). */
const INPUT_MAX_BYTES = 1024 * 1024;

/** Throws `invalid_request` at a terminal, where nobody has said that there is something to read, `body_too_large`, and `cancelled`. */
export async function readStandardInput(signal: AbortSignal): Promise<Buffer> {
  if (process.stdin.isTTY) {
    throw new FleettyError("invalid_request", "there is nothing to type; give a text, or pipe one in");
  }
  const leave = () => process.stdin.destroy(new FleettyError("cancelled", "interrupted"));
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    return await gather(process.stdin);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

async function gather(input: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    bytes += chunk.byteLength;
    if (bytes > INPUT_MAX_BYTES) throw new FleettyError("body_too_large", "more than 1 MiB to type; send it in pieces");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
