// Reads what an ended session printed after the last byte that its watcher saw. Knows no connection.

import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Gap } from "@fleetty/protocol/schemas/common";
import { bytesFromBase64 } from "../base64.ts";

/** The client's `sessions.output`. */
export type ReadOutput = (input: OperationInput<"sessions.output">) => Promise<OperationOutput<"sessions.output">>;

/** Largest page that the server gives. */
const PAGE_BYTES = 1_048_576;

/** A page of what is left: what is lost lies before the bytes. */
export interface RestPage {
  readonly gaps: readonly Gap[];
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Everything from `from` to the end, page by page. */
export async function* restOfExited(read: ReadOutput, session: string, from: number): AsyncGenerator<RestPage, void> {
  let next: number | null = from;
  while (next !== null) {
    const page: OperationOutput<"sessions.output"> = await read({
      session,
      from: next,
      format: "base64",
      max_bytes: PAGE_BYTES,
    });
    yield { gaps: page.gaps, offset: page.from, bytes: bytesFromBase64(page.data ?? "") };
    next = page.next;
  }
}
