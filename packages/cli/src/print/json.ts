// Prints answers for programs.
import { writeOut } from "./output.ts";

/** The answer as it came, on one line; nothing for an answer without a body. Bytes become base64. */
export async function printJson(answer: unknown): Promise<void> {
  if (answer !== undefined) await writeOut(`${JSON.stringify(answer, bytesAsBase64)}\n`);
}

function bytesAsBase64(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
