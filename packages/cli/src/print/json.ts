// Prints answers for programs.
import { writeOut } from "./output.ts";
import { CONTROLS } from "./visible.ts";

/** The answer as it came, on one line; nothing for an answer without a body. Bytes become base64. */
export async function printJson(answer: unknown): Promise<void> {
  if (answer !== undefined) await writeOut(`${jsonLine(answer)}\n`);
}

/** JSON that is harmless on a terminal too: what JSON itself leaves of control characters is escaped. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value, bytesAsBase64);
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function bytesAsBase64(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
