// Help of `fleetty worker`, printed from the schema that reads its flags.
import { settingLines } from "../server/settings.ts";
import { describeWorkerSettings } from "./config.ts";

export function workerHelp(): string {
  return `fleetty [-L NAME] [--ca-file FILE] worker [options]

Runs the sessions of this machine for a hub, in the foreground. It listens nowhere: it dials the hub, for ever, and is asked
over that one link. Sessions outlive it: the next worker on the same instance (worker, unless -L says another) finds them.

${settingLines(describeWorkerSettings())}

Flags come before the environment ($FLEETTY_MAX_SESSIONS and the like). A join code never stands on a command line: it
comes on standard input, or from --code-file.

Examples:
  fleetty servers join-code                                     on the hub
  fleetty worker --join https://hub-1:7337 < code               here, once
  fleetty worker                                                here, from then on
`;
}
