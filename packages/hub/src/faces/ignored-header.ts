// Writes down, in a header that every client can read, which members of a request were ignored.

/** Clients take 16 KiB of headers in all (Node's default); whoever misspells more than this knows it. */
const NAMES_MAX_BYTES = 1_024;

/** Percent-encoded names, comma-separated, each once; `...` stands for those that found no room. */
export function ignoredHeader(names: readonly string[]): string {
  let text = "";
  for (const name of new Set(names)) {
    const more = (text === "" ? "" : ",") + encodeURIComponent(name.slice(0, NAMES_MAX_BYTES).toWellFormed());
    if (text.length + more.length > NAMES_MAX_BYTES) return `${text},...`;
    text += more;
  }
  return text;
}
