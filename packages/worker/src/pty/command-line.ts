// Decides what is executed for a session, and how that is shown. Pure; looks nothing up.

export interface CommandRequest {
  /** A line for the shell. */
  readonly command?: string | undefined;
  /** Program and arguments, without a shell; not together with `command`. */
  readonly argv?: readonly string[] | undefined;
  /** The user's shell ($SHELL); absent or empty: /bin/sh. */
  readonly shell?: string | undefined;
}

export interface CommandLine {
  /** At least one element. */
  readonly argv: readonly string[];
  /** For people, and for the `command` member of a session: one line that a shell would understand. */
  readonly command: string;
}

const DEFAULT_SHELL = "/bin/sh";
/** Characters that mean nothing special to a POSIX shell, and what stands for a prompt. */
const PLAIN_WORD = /^(?:[A-Za-z0-9_@%+=:,./-]|\{prompt(?:_file)?\})+$/;

export function commandLine({ command, argv, shell }: CommandRequest): CommandLine {
  if (argv) return { argv, command: argv.map(quote).join(" ") };
  if (command !== undefined) return { argv: [DEFAULT_SHELL, "-ic", command], command };
  const program = shell || DEFAULT_SHELL;
  return { argv: [program, "-i"], command: program };
}

function quote(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
