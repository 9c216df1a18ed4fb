// Reads what an ended session printed after the last byte that its watcher saw. Knows no connection.

import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { bytesFromBase64 } from "../base64.ts";

/** The client's `sessions.output`. */
export type ReadOutput = (input: OperationInput<"sessions.output">) => Promise<OperationOutput<"sessions.output">>;

/** Largest page that the server gives. */
const PAGE_BYTES = 1_048_576;

/** Bytes from `from` to the end, page by page; what is not kept any more is a hole between two offsets. */
export async function* restOfExited(
  read: ReadOutput,
  session: string,
  from: number,
): AsyncGenerator<{ offset: number; bytes: Uint8Array }, void> {
  let next: number | null = from;
  while (next !== null) {
    const page: OperationOutput<"sessions.output"> = await read({
      session,
      from: next,
      format: "base64",
      max_bytes: PAGE_BYTES,
    });
    const bytes = bytesFromBase64(page.data ?? "");
    // A hole lies before the bytes: the ring loses its oldest.
    yield { offset: page.to - bytes.byteLength, bytes };
    next = page.next;
  }
}
