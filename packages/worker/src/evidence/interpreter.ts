// Decides from a program's name and arguments whether it takes commands from a person, one after the other: a shell, or
// the dialogue of a language or a database. Pure. A program that is not in the table takes none.
import { basename } from "node:path";

export interface Interpreter {
  readonly kind: "shell" | "dialogue";
  /** It reads keys and edits the line itself, so its prompt is not in line mode. */
  readonly editsLine: boolean;
  /** How its own prompts look; null where everybody has another one. */
  readonly prompts: Prompts | null;
}

export interface Prompts {
  readonly first: RegExp;
  /** Of the further lines of one command; asked before `first`, which may match them too. */
  readonly further: RegExp | null;
}

interface Entry {
  readonly kind?: "dialogue";
  readonly editsLine?: false;
  readonly prompts?: Prompts;
  /** Options that take the next argument. */
  readonly takesNext?: RegExp;
  /** Options with which it takes a command from its arguments, or none at all. */
  readonly runsOnce?: RegExp;
  /** How many arguments may follow that are no command, such as the name of a database. */
  readonly operandsMax?: number;
  /** Option with which it takes commands after all. */
  readonly staysAnyway?: RegExp;
}

const POSIX: Entry = {
  takesNext: /^[-+][a-zA-Z]*[oO]$/,
  runsOnce: /^-[a-zA-Z]*c/,
  staysAnyway: /^-[a-bd-zA-Z]*s[a-bd-zA-Z]*$/,
};
const BASH: Entry = { ...POSIX, takesNext: /^([-+][a-zA-Z]*[oO]|--rcfile|--init-file)$/ };
const PYTHON: Entry = {
  kind: "dialogue",
  prompts: { first: /^>>> ?/, further: /^\.\.\. ?/ },
  takesNext: /^-[WX]$|^--check-hash-based-pycs$/,
  runsOnce: /^-[a-hj-zA-Z]*[cm]|^--(help|version)/,
  staysAnyway: /^-[a-bd-ln-zA-Z]*i/,
};
const MARIADB: Entry = {
  kind: "dialogue",
  prompts: { first: /^(mysql|MariaDB \[[^\]]*\])> ?/, further: /^ *(-|'|"|`|\/\*)> ?/ },
  takesNext: /^-[hPuSD]$/,
  runsOnce: /^(-e|--execute|--batch|-B|--help|--version)/,
  operandsMax: 1,
};

const TABLE: Readonly<Record<string, Entry>> = {
  bash: BASH,
  zsh: POSIX,
  mksh: POSIX,
  yash: POSIX,
  tcsh: { runsOnce: /^-[a-zA-Z]*c/ },
  busybox: POSIX,
  ksh: { ...POSIX, editsLine: false },
  ksh93: { ...POSIX, editsLine: false },
  dash: { ...POSIX, editsLine: false },
  fish: {
    takesNext: /^(-[CdfoD]|--(init-command|debug|features|debug-output))$/,
    runsOnce: /^(-[a-zA-Z]*c|--command|-n)/,
  },
  nu: { takesNext: /^--(config|env-config)$/, runsOnce: /^(-[a-z]*c|--commands)/ },
  elvish: { runsOnce: /^-c/ },
  xonsh: { runsOnce: /^-c/ },
  python: PYTHON,
  pypy: { ...PYTHON, prompts: { first: /^>>>>? ?/, further: /^\.\.\.\.? ?/ } },
  ipython: { kind: "dialogue", prompts: { first: /^In \[\d+\]: ?/, further: /^ *\.\.\.: ?/ }, runsOnce: /^-[cm]/ },
  node: {
    kind: "dialogue",
    prompts: { first: /^> ?/, further: /^(\.\.\.|\|) ?/ },
    takesNext: /^(-r|-C|--(require|import|conditions|loader|env-file))$/,
    runsOnce: /^(-[a-z]*[epc]|--(eval|print|check|test|run|watch|version|help))/,
    staysAnyway: /^(-i|--interactive)$/,
  },
  irb: {
    kind: "dialogue",
    prompts: { first: /^(irb\([^)]*\):\d+(:\d+)?>|>>|\d[^ ]* :\d+ >) ?/, further: /^irb\([^)]*\):\d+(:\d+)?[*"'\]] ?/ },
  },
  psql: {
    kind: "dialogue",
    prompts: { first: /^[^ ]*=[#>] ?/, further: /^[^ ]*[-('"$*!^][#>] ?/ },
    takesNext: /^-[hpUdPFRTvLo]$/,
    runsOnce: /^(-c|-f|-l|--command|--file|--list|--help|--version)/,
    operandsMax: 2,
  },
  mysql: MARIADB,
  mariadb: MARIADB,
  sqlite3: {
    kind: "dialogue",
    prompts: { first: /^sqlite> ?/, further: /^ *(\.\.\.|\(x\d+|'|"|\(\.*)[.>]* ?/ },
    takesNext: /^--?(cmd|init|separator|newline|nullvalue|vfs)$/,
    runsOnce: /^--?(batch|version|help)$/,
    operandsMax: 1,
  },
  gdb: {
    kind: "dialogue",
    prompts: { first: /^\(gdb\) ?/, further: /^ *> ?$/ },
    runsOnce: /^--?(batch|batch-silent|version|help)$/,
    operandsMax: Number.POSITIVE_INFINITY,
  },
  lldb: {
    kind: "dialogue",
    prompts: { first: /^\(lldb\) ?/, further: /^ *\d*[>:] ?$/ },
    runsOnce: /^(-b|--batch)/,
    operandsMax: Number.POSITIVE_INFINITY,
  },
  "redis-cli": {
    kind: "dialogue",
    prompts: { first: /^[^ ]*(\[\d+\])?> ?/, further: null },
    takesNext: /^-[hpasnu]$|^--(user|pass)$/,
    runsOnce: /^(-x|--(scan|pipe|stat|latency|eval))/,
  },
  lua: {
    kind: "dialogue",
    prompts: { first: /^> ?/, further: /^>> ?/ },
    takesNext: /^-[le]$/,
    runsOnce: /^-e/,
    staysAnyway: /^-i/,
  },
};

/** Names that other files of the same program have. `busybox` and scripts are known by their arguments. */
const OTHER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^python\d*(\.\d+)*t?$/, "python"],
  [/^pypy\d*(\.\d+)*$/, "pypy"],
  [/^ipython\d*$/, "ipython"],
  [/^irb\d*(\.\d+)*$/, "irb"],
  [/^(nodejs|MainThread|node)$/, "node"],
  [/^lua\d*(\.\d+)*$/, "lua"],
  [/^(rbash|bash-static)$/, "bash"],
  [/^(rzsh|zsh\d?|zsh-static)$/, "zsh"],
];

/** Programs that are found as a script of these. */
const LANGUAGES = /^(python|pypy|node|ruby|perl)[\d.]*$/;
const APPLETS = /^-?(sh|ash|hush)$/;

/** Null: it takes no commands, or does what its arguments say and ends. */
export function interpreterOf({ program, argv }: { program: string; argv: readonly string[] }): Interpreter | null {
  const script = LANGUAGES.test(program) ? scriptName(argv) : null;
  if (script) return interpreterOf({ program: script, argv: argv.slice(1) });
  const name = OTHER_NAMES.find(([pattern]) => pattern.test(program))?.[1] ?? program;
  const entry = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
  if (!entry) return null;
  const args = commandArguments(name, argv);
  if (args === null || !takesCommands(entry, args)) return null;
  return {
    kind: entry.kind ?? "shell",
    editsLine: entry.editsLine ?? !args.includes("--noediting"),
    prompts: entry.prompts ?? null,
  };
}

function scriptName(argv: readonly string[]): string | null {
  const name = argv[1]?.startsWith("-") === false ? basename(argv[1]) : "";
  return /^(ipython\d*|irb[\d.]*|xonsh)$/.test(name) ? name : null;
}

/** Without the name; of busybox, without that of its applet, and null for one that is no shell. */
function commandArguments(name: string, argv: readonly string[]): readonly string[] | null {
  if (name !== "busybox") return argv.slice(1);
  if (APPLETS.test(basename(argv[0] ?? ""))) return argv.slice(1);
  return APPLETS.test(argv[1] ?? "") ? argv.slice(2) : null;
}

function takesCommands(entry: Entry, args: readonly string[]): boolean {
  let operands = 0;
  let stays = false;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] as string;
    if (argument === "--") {
      operands += args.length - at - 1;
      break;
    }
    if (operands === 0 && entry.staysAnyway?.test(argument)) stays = true;
    else if (operands === 0 && entry.takesNext?.test(argument)) at += 1;
    else if (operands === 0 && entry.runsOnce?.test(argument)) return stays;
    else if (!isOption(argument)) operands += 1;
  }
  return stays || operands <= (entry.operandsMax ?? 0);
}

/** A lone dash is standard input, which is the terminal. */
function isOption(argument: string): boolean {
  return argument.startsWith("-") || /^\+[a-zA-Z]/.test(argument);
}
