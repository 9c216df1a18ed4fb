// Turns bytes into base64 and back where neither Node's Buffer nor the newest Uint8Array methods can be relied on.

/** Bytes per step: `String.fromCharCode` takes its arguments from the stack. */
const STEP_BYTES = 32 * 1024;

/** Throws InvalidCharacterError for what is not base64. */
export function bytesFromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function base64FromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += STEP_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + STEP_BYTES));
  }
  return btoa(text);
}
