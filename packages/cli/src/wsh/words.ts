// Says in the words of fleetty what was said in those of wsh: commands and options that have other names. What wsh does and
// fleetty does otherwise is refused with the way there. Pure; what a command does is fleetty's.
import { FleettyError } from "@fleetty/protocol/errors";
import { commandRows } from "../commands.ts";
import { takeGlobal } from "../globals.ts";

/** Commands of wsh, and what they are in fleetty; what follows them is the same in both. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  server: ["server"],
  stop: ["stop", "--end-sessions"],
  list: ["ls"],
  attach: ["attach"],
  kill: ["kill"],
  detach: ["detach"],
  tag: ["tag"],
  persist: ["persist"],
  token: ["token"],
  "servers list": ["servers", "ls"],
  "servers add": ["servers", "add"],
  "servers remove": ["servers", "rm"],
  "servers info": ["server", "status"],
  "servers reload": ["servers", "reload"],
  mcp: ["mcp", "--tool-prefix", "wsh_"],
};

/** Options of wsh that are fleetty's under another name. */
const OPTIONS: Readonly<Record<string, string>> = { "--server-name": "--instance", "-s": "--server" };

/** Options that wsh has and that mean nothing here, with what does what they are for. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  attach: {
    "--scrollback": "it draws the screen; fleetty scrollback NAME prints what went before",
    "--alt-screen": "it draws in the alternate screen always",
  },
  persist: {
    "--bind": "it speaks to the unix socket; for another machine: fleetty --url URL --token-file FILE persist",
  },
  mcp: { "--bind": "it speaks to the unix socket; for another machine: fleetty mcp --url URL --token-file FILE" },
};

const NO_SESSION =
  "wsh by itself starts no session here: fleetty new NAME does, and wsh attach NAME leads there; see wsh --help";

/** The words of this command line in fleetty. Throws `invalid_request` for what is in neither. */
export function inWordsOfFleetty(args: readonly string[]): string[] {
  const { before, rest } = leading(respelled(args));
  const [word] = rest;
  if (word !== undefined && ["--help", "-h", "help", "--version"].includes(word)) return [...before, ...rest];
  if (word === undefined || word.startsWith("-")) throw new FleettyError("invalid_request", NO_SESSION);
  const count = word === "servers" ? 2 : 1;
  const said = rest.slice(0, count).join(" ");
  const command = Object.hasOwn(COMMANDS, said) ? COMMANDS[said] : undefined;
  if (!command) throw unknown(said);
  const own = rest.slice(count);
  requireKnown(said, own);
  return [...before, ...command, ...own];
}

/** As `wsh --help` tells them. */
export function wshCommands(): (readonly [string, string])[] {
  return Object.entries(COMMANDS).map(([said, command]) => [`wsh ${said}`, `fleetty ${command.join(" ")}`]);
}

/** Options by fleetty's names, up to `--`. */
function respelled(args: readonly string[]): string[] {
  const cut = args.indexOf("--");
  const options = cut < 0 ? args : args.slice(0, cut);
  return [...options.map(respelledWord), ...args.slice(options.length)];
}

function respelledWord(word: string): string {
  const [flag = "", ...value] = word.split("=");
  const other = Object.hasOwn(OPTIONS, flag) ? OPTIONS[flag] : undefined;
  return other === undefined ? word : [other, ...value].join("=");
}

/** Options of every command that stand before it. */
function leading(args: readonly string[]): { before: readonly string[]; rest: readonly string[] } {
  let taken = 0;
  for (let found = takeGlobal(args); found; found = takeGlobal(args.slice(taken))) taken += found.taken;
  return { before: args.slice(0, taken), rest: args.slice(taken) };
}

function requireKnown(command: string, own: readonly string[]): void {
  const others = ELSEWHERE[command] ?? {};
  const flag = own.map((word) => word.split("=")[0] as string).find((word) => Object.hasOwn(others, word));
  if (flag === undefined) return;
  throw new FleettyError("invalid_request", `wsh ${command} takes no ${flag}: ${others[flag]}`);
}

function unknown(said: string): FleettyError {
  const isOurs = commandRows().some(({ cli }) => cli.command === said);
  const way = isOurs ? `fleetty ${said} does it` : "see wsh --help";
  return new FleettyError("invalid_request", `wsh has no command ${JSON.stringify(said)}; ${way}`);
}
