// `fleetty --help`: every command with its sentence, the options of all of them, and what exit codes mean. A loop over the
// table; what is no operation has its lines here.
import { comfortOf } from "./comfort.ts";
import { type CommandRow, commandRows, commandsBelow, findCommand, unknownCommand } from "./commands.ts";
import { fleetFormOf } from "./fleet-form.ts";
import { globalOptions } from "./globals.ts";
import { writeOut } from "./print/output.ts";

/** Commands that are no operation. */
export const ownCommands: readonly (readonly [string, string])[] = [
  ["server", "Run a server in the foreground; see fleetty server --help."],
  ["server start", "Start a server in the background when none runs."],
  ["worker", "Run the sessions of this machine for a hub that it dials; see fleetty worker --help."],
  ["session-host status|stop", "Look at the processes that hold the sessions, or stop them."],
  ["top", "Watch the servers and sessions of a fleet live; see fleetty top --help."],
  ["compat wsh", "Make the command wsh, for programs written for its API; see fleetty compat --help."],
  ["mcp", "Serve MCP over standard input and output, for hosts of agents; see fleetty mcp --help."],
  ["report <state>", "Say for a program in a session what it wants; see fleetty report --help."],
  ["skills", "List what agents can read on using a fleet well; see fleetty skills --help."],
  ["skills show <name>", "Print a skill."],
  ["skills install", "Put all skills where an agent looks for them."],
  [
    "completion bash|zsh|fish",
    "Print what makes your shell complete fleetty's commands, options, servers and sessions.",
  ],
  ["api <operation> [member=value…]", "Call any operation of the API by its name."],
];

const exitCodes: readonly (readonly [string, string])[] = [
  ["0", "done"],
  ["2", "the request is not usable (400, 415, 422)"],
  ["3", "not allowed (401, 403)"],
  ["4", "not found (404)"],
  ["5", "in conflict with how things are (409)"],
  ["6", "not in time (408, 504)"],
  ["7", "too large or too many (413, 429)"],
  ["8", "the server is not available (503)"],
  ["123", "run: the command asks for something"],
  ["124", "wait, run: the time was over"],
  ["125", "run: refused"],
  ["130", "interrupted"],
  ["1", "anything else"],
];

const examples = [
  "fleetty new build",
  "fleetty run build 'make test'",
  "fleetty wait build --attention needs_input,ready",
  "fleetty screen build",
  "fleetty attach build",
];

export async function showHelp(words: readonly string[]): Promise<number> {
  const found = findCommand(words);
  if (found) {
    const comfort = await comfortOf(found.row);
    const { helpOf } = await import("./full-form.ts");
    await writeOut(await helpOf({ row: found.row, comfort }));
    return showFleetForm(found.row);
  }
  const below = commandsBelow(words[0] ?? "");
  const isKnown = words.length === 0 || (below.length > 0 && words.length === 1);
  if (!isKnown) throw unknownCommand(words);
  await writeOut(below.length > 0 ? groupHelp(below) : overview());
  return 0;
}

/** The help of the same command without a session, where there is one. */
export async function showFleetForm(row: CommandRow): Promise<number> {
  const fleetForm = fleetFormOf(row);
  if (!fleetForm) return 0;
  const { helpOf } = await import("./full-form.ts");
  const help = await helpOf({ row: fleetForm, comfort: await comfortOf(fleetForm) });
  await writeOut(`\nWithout a session:\n\n${help}`);
  return 0;
}

export async function showVersion(): Promise<number> {
  const { default: manifest } = await import("../package.json", { with: { type: "json" } });
  await writeOut(`fleetty ${manifest.version}\n`);
  return 0;
}

function overview(): string {
  const commands = commandRows().map(({ cli, summary }): readonly [string, string] => [cli.command, summary]);
  return [
    "fleetty: every terminal of a fleet behind one API\n\nUsage: fleetty [options] <command> [arguments]\n",
    section("Commands", [...commands, ...ownCommands]),
    section("Options of every command", globalLines()),
    `Examples\n${examples.map((example) => `  ${example}\n`).join("")}`,
    exitCodeText(),
    "fleetty <command> --help says more of one command.\n",
  ].join("\n");
}

/** Commands that begin with the same word. */
function groupHelp(rows: readonly CommandRow[]): string {
  const lines = rows.map(({ cli, summary }): readonly [string, string] => [`fleetty ${cli.command}`, summary]);
  return `${section("Commands", lines)}\nWith --help after one of them it says more.\n`;
}

export function globalLines(): (readonly [string, string])[] {
  return globalOptions.map(({ flags, value, says }) => [`${flags.join(", ")}${value ? ` ${value}` : ""}`, says]);
}

export function exitCodeText(): string {
  return section("Exit codes", exitCodes);
}

export function section(title: string, lines: readonly (readonly [string, string])[]): string {
  const columns = Math.max(...lines.map(([left]) => left.length));
  return `${title}\n${lines.map(([left, right]) => `  ${left.padEnd(columns)}  ${right}\n`).join("")}`;
}
