// Help of `fleetty server`, printed from the schema that reads its flags.
import { describeSettings } from "./config.ts";
import { settingLines } from "./settings.ts";

export function serverHelp(): string {
  const { file, settings } = describeSettings();
  return `fleetty [-L NAME] [--socket PATH] server [options]

Runs a server in the foreground. It listens on a unix socket of yours, and on TCP only where --bind says so.
Sessions outlive it: the next server on the same instance finds them as they were.

${settingLines([...settings, file])}

Flags come before the environment ($FLEETTY_MAX_SESSIONS and the like, lists with commas), and that before the file:

  [server]
  bind = ["127.0.0.1:7337"]
  max_sessions = 1000

In the file alone stand the servers of the fleet; they are read again on SIGHUP, and by fleetty servers reload:

  [[servers]]
  address = "https://build-1.example:7337"
  token_file = "/etc/fleetty/build-1.token"

and the secrets that sessions may be given, read where they say at each use (fleetty secrets):

  [secrets.sudo-web]
  command = ["pass", "show", "web/sudo"]
  prompt = '^\\[sudo\\] password'

and programs that sessions are started with by name (fleetty presets), read again as the servers are:

  [presets.reviewer]
  argv = ["claude", "--permission-mode", "plan"]
  prompt = "argument"

Examples:
  fleetty server
  fleetty server --bind 127.0.0.1:7337
  fleetty -L dev server --ephemeral
  fleetty server start        in the background
  fleetty server status
  fleetty stop
`;
}
