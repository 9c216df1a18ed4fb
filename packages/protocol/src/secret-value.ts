// Decides which texts can be typed as a secret. Pure; says what is wrong in words that tell nothing of the text.

/**
 * What a terminal in line mode takes before the end of the line (N_TTY_BUF_SIZE less one): of a longer one the program would
 * read another secret.
 */
export const SECRET_MAX_BYTES = 4095;

/** Each control character is a key to some program: a line end in it would end the line early, and type the rest elsewhere. */
export const WITHOUT_CONTROLS = /^\P{Cc}*$/u;

/** What keeps `text` from being typed as a secret; null when nothing does. */
export function problemOfSecret(text: string): string | null {
  if (text === "") return "is empty";
  if (!WITHOUT_CONTROLS.test(text)) return "has line ends or other control characters";
  return isShortSecret(text) ? null : `is over ${SECRET_MAX_BYTES} bytes`;
}

export function isShortSecret(text: string): boolean {
  return new TextEncoder().encode(text).byteLength <= SECRET_MAX_BYTES;
}
