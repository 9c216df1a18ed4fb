// `new`: words after `--` are the program and its arguments, or further arguments of a preset's; a prompt may come from a file,
// because what stands on a command line is everybody's to see. Prints the name of the session, with its server where one was
// asked for.
import { readFileSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import type { Invocation, Members } from "../invocation.ts";
import { visible } from "../print/visible.ts";
import { readStandardInput } from "../standard-input.ts";

const PROMPT_FILE = "--prompt-file";

export const comfort: Comfort = {
  extras: [
    { flag: PROMPT_FILE, value: "FILE", says: "the prompt is in this file; - reads it from standard input" },
    {
      flag: "--idempotency-key",
      value: "KEY",
      says: "make it once for this key, however often it is asked within 24 h; prints the same name again",
    },
  ],
  takesRest: true,
  startsServer: true,
  notes: [
    "Prints the session's name and does not attach. Words after -- are run as they are, without a shell.",
    "With --preset they are added to the arguments of its program. --prompt-file keeps a prompt out of the process list.",
    "A server is started when none runs. With --server, --on or --tool it prints host/name, by which every command finds the session:",
    "other servers may have the name too. --json says how --on chose, as placement.",
  ],
  input: async ({ members, rest, extras }, signal) => ({
    ...members,
    ...(rest && { argv: rest }),
    ...(await promptIn(members, extras[PROMPT_FILE], signal)),
  }),
  show: (answer, { members }) => {
    const { name, server } = answer as SessionInfo;
    const isElsewhere = ["server", "on", "tool"].some((member) => members[member] !== undefined);
    return `${visible(isElsewhere ? `${server}/${name}` : name)}\n`;
  },
};

async function promptIn(
  members: Members,
  path: Invocation["extras"][string] | undefined,
  signal: AbortSignal,
): Promise<Members> {
  if (typeof path !== "string") return {};
  if (members["prompt"] !== undefined) {
    throw new FleettyError("invalid_request", `give --prompt or ${PROMPT_FILE}, not both`);
  }
  const where = path === "-" ? "standard input" : path;
  const prompt = textOf(path === "-" ? await readStandardInput(signal) : readPrompt(path), where);
  if (prompt !== "") return { prompt };
  throw new FleettyError("invalid_request", `there is no prompt in ${where}`);
}

/** Without its last line end, which no editor shows. */
function textOf(bytes: Buffer, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new FleettyError("invalid_request", `the prompt in ${where} is no text in UTF-8`, undefined, { cause });
  }
}

function readPrompt(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FleettyError("invalid_request", `${path} cannot be read: ${(cause as Error).message}`, {}, { cause });
  }
}
