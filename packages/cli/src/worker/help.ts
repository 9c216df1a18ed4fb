// Help of `fleetty worker`, printed from the schema that reads its flags.
import { settingLines } from "../server/settings.ts";
import { describeWorkerSettings } from "./config.ts";
import { describeWorkerKeys } from "./file-tables.ts";

export function workerHelp(): string {
  const { file, settings } = describeWorkerSettings();
  const keys = describeWorkerKeys();
  const width = Math.max(...keys.map(({ key }) => key.length));
  const keyLines = keys.map(({ key, says }) => `  ${key.padEnd(width)}  ${says}`).join("\n");
  return `fleetty [-L NAME] [--ca-file FILE] worker [options]

Runs the sessions of this machine for a hub, in the foreground. It dials the hub, for ever, and listens nowhere; or, with
--listen, it waits on a private socket for a hub of the same user to dial. Sessions outlive it: the next worker on the same
instance (worker, unless -L says another) finds them.

${settingLines([...settings, file])}

Flags come before the environment ($FLEETTY_MAX_SESSIONS and the like), and that before the table [worker] in the file, where
everything from --hostname on may stand (max_sessions = 1000). In the file alone stand:

${keyLines}

and the secrets that its sessions may be given, read where they say at each use (fleetty secrets):

  [secrets.sudo-web]
  command = ["pass", "show", "web/sudo"]
  prompt = '^\\[sudo\\] password'

A join code never stands on a command line: it comes on standard input, or from --code-file.

Examples:
  fleetty servers join-code                                     on the hub
  fleetty worker --join https://hub-1:7337 < code               here, once
  fleetty worker                                                here, from then on
  fleetty worker --listen /run/fleetty/link.sock                for [[servers]] address = "unix:/run/fleetty/link.sock"
`;
}
