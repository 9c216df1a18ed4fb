// `run`: writes what the command printed and exits as it did; where it stops at a question, says that and how to go on.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { printJson } from "../print/json.ts";
import { writeErr, writeOut } from "../print/output.ts";
import { visible, visibleLines } from "../print/visible.ts";
import { tellRefusal } from "../refusal.ts";
import { TIMED_OUT } from "./conditions.ts";

type Answer = OperationOutput<"sessions.run">;

/** What a command itself can hardly give: GNU programs that run others keep 125 for themselves, and shells 126 on. */
const NEEDS_ANSWER = 123;
const REFUSED = 125;
/** Where a command's own code is not known. */
const UNKNOWN = 1;
/** What a shell makes of a signal. */
const SIGNALLED = 128;

export const comfort: Comfort = {
  notes: [
    "Exits with the command's own code; 123 when it asks for something (answer with send, keys or secret, then --resume),",
    "124 when the time was over while it ran on, 125 when it was refused.",
  ],
  run: async ({ members, globals }, client, signal) => {
    try {
      const answer = await client.sessions.run(members as OperationInput<"sessions.run">, { signal });
      if (globals.json) await printJson(answer);
      else await tell(answer as Answer);
      return exitCodeOf(answer as Answer);
    } catch (thrown) {
      if (thrown instanceof FleettyError && thrown.code === "cancelled") throw thrown;
      await tellRefusal(thrown, { json: globals.json === true });
      return REFUSED;
    }
  },
};

async function tell(answer: Answer): Promise<void> {
  const { output, tail, omitted, reason, question, command } = answer;
  const cut = omitted
    ? `… ${omitted.bytes} bytes left out: fleetty output --from ${omitted.from} --to ${omitted.to} …\n`
    : "";
  await writeOut(visibleLines(output));
  if (omitted) await writeErr(cut);
  if (tail !== undefined) await writeOut(visibleLines(tail));
  const goOn = `go on with --resume ${command}`;
  if (question) await writeErr(`fleetty: it asks (${reason}): ${visible(question.text)}\nfleetty: ${goOn}\n`);
  else if (reason === "needs_input" || reason === "needs_secret") await writeErr(`fleetty: ${reason}; ${goOn}\n`);
  if (reason === "timeout") await writeErr(`fleetty: it runs on; ${goOn}\n`);
  if (reason === "exit") await writeErr("fleetty: the session has ended\n");
}

function exitCodeOf({ reason, exit_code: code, exit }: Answer): number {
  if (reason === "needs_input" || reason === "needs_secret") return NEEDS_ANSWER;
  if (reason === "timeout") return TIMED_OUT;
  return code ?? (exit && "signal" in exit ? SIGNALLED : UNKNOWN);
}
