// The command lines of commands that are no operation and take options: what they read them by, what --help prints, and what a
// shell completes.
import type { OwnCommand } from "./own-command.ts";

/** Before the name of each tool. */
export const TOOL_PREFIX = "--tool-prefix";

export const compat: OwnCommand = {
  name: "compat",
  usages: ["[options] wsh"],
  summary: "Make the command wsh, with the commands and variables of wsh, a link to fleetty.",
  options: [
    { flag: "--dir", value: "DIR", says: "where to put it (default: ~/.local/bin)" },
    { flag: "--remove", value: null, says: "take it away" },
  ],
  globals: ["instance", "json"],
  notes: [
    "Nothing else is ever replaced. Then says whether wsh leads here, and whether a server answers on the socket that programs for",
    "the wsh API open, of the instance named by -L. docs/compatibility.md says what such programs may notice; wsh --help lists the",
    "commands.",
  ],
  examples: ["fleetty compat wsh", "fleetty compat wsh --dir /usr/local/bin", "fleetty compat wsh --remove"],
};

export const skills: OwnCommand = {
  name: "skills",
  usages: ["[options]", "show <name>", "install [--dir <DIR>]"],
  summary:
    "List what an agent should know to use a fleet well, print one of these skills as Markdown, or install them.",
  options: [
    {
      flag: "--dir",
      value: "DIR",
      says: "where to install; default: ~/.claude/skills, of Claude Code. Others look elsewhere: ~/.agents/skills",
    },
  ],
  globals: ["json"],
  notes: [
    "Installing copies all of them to where an agent looks for skills, each in a folder fleetty-NAME. What fleetty put there before is",
    "replaced by what this version has; what somebody else made or changed is refused, and then nothing is written. Needs no server.",
  ],
  examples: ["fleetty skills show core", "fleetty skills install", "fleetty skills install --dir .claude/skills"],
};

export const mcp: OwnCommand = {
  name: "mcp",
  usages: ["[options]"],
  summary: "The Model Context Protocol over standard input and output, for hosts of agents.",
  options: [
    {
      flag: TOOL_PREFIX,
      value: "PREFIX",
      says: "before the name of each tool; wsh_ makes them the tools that wsh has",
    },
  ],
  globals: ["instance", "socket", "url", "tokenFile", "caFile"],
  notes: [
    "One JSON-RPC message a line, log on standard error, ends when its input ends. Speaks to the server of this user, and starts one",
    "when none runs; with --url to another one. Sessions go on when it ends; a server that was restarted meanwhile is found again.",
  ],
  examples: [
    "claude mcp add fleetty -- fleetty mcp",
    "fleetty mcp --url https://hub-1:7337 --token-file ~/.fleetty-token",
  ],
};

export const ownLines: readonly OwnCommand[] = [compat, skills, mcp];
