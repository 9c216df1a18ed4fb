// `output`: writes what the session printed to its end, page by page, as text or raw. What is lost goes to standard error.
import type { CallInput, CallOutput, Client } from "@fleetty/client";
import type { Comfort } from "../comfort.ts";
import type { Invocation } from "../invocation.ts";
import { printJson } from "../print/json.ts";
import { writeErr, writeOut } from "../print/output.ts";
import { visibleLines } from "../print/visible.ts";

type Input = CallInput<"sessions.output">;
type Page = CallOutput<"sessions.output">;

/** Largest page that the server gives. */
const PAGE_BYTES = 1_048_576;

export const comfort: Comfort = {
  extras: [{ flag: "--raw", value: null, says: "write the bytes as they came, escape sequences and all" }],
  notes: [
    "Writes everything up to the present end, or one page with --max-bytes or --json. Text comes without escape",
    "sequences; bytes that are not kept any more are named on standard error.",
  ],
  input: ({ members, extras }) => (extras["--raw"] === true ? { ...members, format: "raw" } : members),
  run: async (invocation, client, signal) => {
    const input = invocation.members as Input;
    if (invocation.globals.json) await printJson(await client.sessions.output(input, { signal }));
    else for await (const page of pages(client, invocation, signal)) await writePage(page);
    return 0;
  },
};

async function* pages(client: Client, { members }: Invocation, signal: AbortSignal): AsyncGenerator<Page, void> {
  const isOnePage = members["max_bytes"] !== undefined;
  let input: Input = { max_bytes: PAGE_BYTES, ...(members as Input) };
  for (;;) {
    const page = await client.sessions.output(input, { signal });
    yield page;
    if (isOnePage || typeof page.next !== "number") return;
    // What is printed meanwhile is not part of it: a session that floods is faster than any reader.
    input = { to: page.end, ...input, from: page.next };
  }
}

async function writePage({ data, text, gaps }: Page): Promise<void> {
  for (const { from, to, reason } of gaps ?? [])
    await writeErr(`fleetty: bytes ${from} to ${to} are lost (${reason})\n`);
  if (data instanceof Uint8Array) return writeOut(data);
  await writeOut(data === undefined ? visibleLines(text ?? "") : `${data}\n`);
}
