// Reads the join code of a worker, from a file or from standard input: it never stands on a command line. Shows it nowhere.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type JoinCode, readJoinCode } from "@fleetty/carrier/join-code";
import { FleettyError } from "@fleetty/protocol/errors";
import type { HubChoice } from "./config.ts";

/** Throws `invalid_request` for what is no code, and for a file that cannot be read. */
export async function joinCodeOf({ codeFile }: Extract<HubChoice, { kind: "join" }>): Promise<JoinCode> {
  const text = codeFile === null ? await firstLine() : fileText(codeFile);
  const code = readJoinCode(text.trim());
  if (code) return code;
  const where = codeFile ?? "standard input";
  const message = `there is no join code in ${where}; fleetty servers join-code makes one on the hub, beginning with fjc_`;
  throw new FleettyError("invalid_request", message, { field: "code" });
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new FleettyError("invalid_request", `the code file ${path} cannot be read (${code})`, {}, { cause });
  }
}

/** Whoever pipes it in may keep the pipe open: the rest of it is not waited for. */
async function firstLine(): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) process.stderr.write("join code: ");
  const lines = createInterface({ input: stdin });
  try {
    for await (const line of lines) return line;
    return "";
  } finally {
    lines.close();
    stdin.destroy();
  }
}
