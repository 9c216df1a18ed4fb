// The command line of fleetty: reads which command it is, hands it on, exits with its code. Loads only what that command
// needs: a listing costs no parser and no schema library.
import { comfortOf } from "./comfort.ts";
import { commandsBelow, findCommand, unknownCommand } from "./commands.ts";
import { readEnvironment } from "./config.ts";
import { fleetFormOf, formOf } from "./fleet-form.ts";
import { destinationOf, type Globals, takeGlobal } from "./globals.ts";
import { invoke } from "./invoke.ts";
import { readQuickly } from "./quick-form.ts";

/** In which the command line differs under another name. */
export interface Manner {
  /** What it is in the words of fleetty. Throws `invalid_request`. */
  readonly words: (args: readonly string[]) => readonly string[];
  readonly comfortOf: typeof comfortOf;
  /** Of all of it, or of the command that these words name. Resolves with the exit code. */
  readonly showHelp: (words: readonly string[]) => Promise<number>;
}

const OWN: Manner = {
  words: (args) => args,
  comfortOf,
  showHelp: async (words) => (await import("./help.ts")).showHelp(words),
};

/** Resolves with the exit code; what is refused has been told. */
export async function runCommandLine(args: readonly string[], manner = OWN): Promise<number> {
  const abort = new AbortController();
  process.on("SIGINT", () => abort.abort());
  try {
    return await dispatch(manner.words(args), manner, abort.signal);
  } catch (thrown) {
    const { tellRefusal } = await import("./refusal.ts");
    return await tellRefusal(thrown, { json: args.includes("--json") });
  }
}

async function dispatch(all: readonly string[], manner: Manner, signal: AbortSignal): Promise<number> {
  const { globals, args } = leadingGlobals(all);
  const [word] = args;
  if (word === "help" && (await isOwnCommand(args[1]))) return dispatch([...args.slice(1), "--help"], manner, signal);
  if (word === undefined || isHelp(word) || word === "help") {
    return manner.showHelp(args.slice(1));
  }
  if (word === "--version") return (await import("./help.ts")).showVersion();
  if (word === "api") return (await import("./api-command.ts")).runApi(args.slice(1), globals, signal);
  if (word === "top") return (await import("./top/command.ts")).runTop(args.slice(1), globals, signal);
  if (word === "report") return (await import("./report-command.ts")).runReport(args.slice(1));
  if (word === "compat") return (await import("./compat/command.ts")).runCompat(args.slice(1), globals, signal);
  if (word === "mcp") return (await import("./mcp/command.ts")).runMcp(args.slice(1), globals, signal);
  if (word === "skills") return (await import("./skills/command.ts")).runSkills(args.slice(1), globals);
  if (word === "completion") return (await import("./completion/command.ts")).runCompletion(args.slice(1));
  const found = findCommand(args);
  if (found) return runOperation(found, { globals, args, manner, signal });
  if (word === "server" || word === "worker" || word === "session-host") {
    return (await import("./process-commands.ts")).runProcessCommand(args, globals, signal);
  }
  if (commandsBelow(word).length > 0 && args.slice(1).some(isHelp)) return manner.showHelp([word]);
  throw unknownCommand(args);
}

function leadingGlobals(all: readonly string[]): { globals: Globals; args: readonly string[] } {
  let globals: Globals = {};
  let args = all;
  for (let found = takeGlobal(args); found; found = takeGlobal(args)) {
    globals = { ...globals, ...found.globals };
    args = args.slice(found.taken);
  }
  return { globals, args };
}

interface Said {
  readonly globals: Globals;
  readonly args: readonly string[];
  readonly manner: Manner;
  readonly signal: AbortSignal;
}

async function runOperation(
  { row: named, words }: NonNullable<ReturnType<typeof findCommand>>,
  { globals, args, manner, signal }: Said,
): Promise<number> {
  const own = args.slice(words);
  const row = await formOf(named, own);
  const comfort = await manner.comfortOf(row);
  const line = { row, comfort, globals, args: comfort?.words?.(own) ?? own };
  const quick = readQuickly(line);
  const invocation = quick ?? (await (await import("./full-form.ts")).readFully(line));
  if (invocation === null) return fleetFormOf(row) ? (await import("./help.ts")).showFleetForm(row) : 0;
  const destination = destinationOf(invocation.globals, readEnvironment());
  return await invoke({ invocation, comfort, destination, checkInputs: quick === null, signal });
}

async function isOwnCommand(word: string | undefined): Promise<boolean> {
  const { ownCommands } = await import("./help.ts");
  return ownCommands.some(([said]) => said.split(" ")[0] === word);
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}
