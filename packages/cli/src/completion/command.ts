// `fleetty completion SHELL` prints what makes a shell complete; `fleetty completion --candidates -- WORDS` is what that asks, with
// the words so far, the last of them the one being typed. The second never complains: a shell shows what it prints.
import { FleettyError } from "@fleetty/protocol/errors";
import { writeOut } from "../print/output.ts";
import { candidateLines } from "./candidates.ts";
import { isShell, SHELLS, scripts } from "./scripts.ts";

const HELP = `Usage: fleetty completion ${SHELLS.join("|")}

Prints what makes your shell complete fleetty's commands, options, servers and sessions. It asks fleetty at each Tab, so it
need not be made again for another version.

Examples:
  source <(fleetty completion bash)                                   # in ~/.bashrc
  source <(fleetty completion zsh)                                    # in ~/.zshrc, behind compinit
  fleetty completion fish > ~/.config/fish/completions/fleetty.fish
`;

/** Resolves with the exit code. */
export async function runCompletion(args: readonly string[]): Promise<number> {
  const [what, dashes, ...words] = args;
  if (what === "--candidates" && dashes === "--") {
    await writeOut(await candidateLines(words).catch(() => ""));
    return 0;
  }
  if (what === "--help" || what === "-h") {
    await writeOut(HELP);
    return 0;
  }
  if (what === undefined || !isShell(what)) {
    throw new FleettyError("invalid_request", `name your shell: fleetty completion ${SHELLS.join("|")}`);
  }
  await writeOut(scripts[what]);
  return 0;
}
