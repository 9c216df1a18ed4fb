// Decides how a refusal is told and what the command exits with.
import { exitCodeForStatus, FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { jsonLine } from "./print/json.ts";
import { writeErr } from "./print/output.ts";
import { visible, visibleLines } from "./print/visible.ts";

/** What a shell reports of a program that an interrupt ended: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/** Tells it on standard error: a sentence and the code, or the envelope for programs. Resolves with the exit code. */
export async function tellRefusal(thrown: unknown, { json }: { json: boolean }): Promise<number> {
  const error = toFleettyError(thrown);
  if (error.code === "cancelled") return INTERRUPTED;
  const text = json ? jsonLine({ error: error.toWire() }) : `fleetty: ${visibleLines(error.message)} [${error.code}]`;
  await writeErr(`${text}\n${json ? "" : reasons(error)}`);
  if (error.code === "internal_error") await tellDefect(thrown);
  return exitCodeForStatus(error.status);
}

/** The sentence tells of so many servers at most. */
const IN_SENTENCE = 3;

/** Why no server of a set took a session, a line for each, where the sentence cannot tell all. */
function reasons({ code, details }: FleettyError): string {
  const rejected = details?.["rejected"];
  if (code !== "no_eligible_server" || !Array.isArray(rejected) || rejected.length <= IN_SENTENCE) return "";
  return rejected.map(({ server, because }) => `  ${visible(`${server}: ${because}`)}\n`).join("");
}

/** A defect of this program has no log but this one. */
async function tellDefect(thrown: unknown): Promise<void> {
  if (thrown instanceof Error && !(thrown instanceof FleettyError))
    await writeErr(`${thrown.stack ?? thrown.message}\n`);
}
