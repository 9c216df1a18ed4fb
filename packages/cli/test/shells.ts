// Starts the shells that fleetty completes for, each without anybody's settings, on a terminal. For tests of completion.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PtyTerminal } from "./pty-terminal.ts";
import { launcher } from "./run-cli.ts";

/** Its arguments, once what it reads at its start has been written. */
const prepare = {
  bash: (home: string) => {
    writeFileSync(join(home, "rc"), "PS1='$ '\nsource <(fleetty completion bash)\necho ready\n");
    return ["--rcfile", join(home, "rc"), "-i"];
  },
  zsh: (home: string) => {
    const rc = "PS1='$ '\nautoload -Uz compinit; compinit -u -D\nsource <(fleetty completion zsh)\necho ready\n";
    writeFileSync(join(home, ".zshrc"), rc);
    return ["-d", "-i"];
  },
  fish: (home: string) => {
    mkdirSync(join(home, ".config/fish/completions"), { recursive: true });
    const rc =
      "function fish_prompt; echo -n '$ '; end\nset -g fish_greeting\nfleetty completion fish | source\necho ready\n";
    writeFileSync(join(home, ".config/fish/config.fish"), rc);
    return ["-i"];
  },
} as const;

export type Shell = keyof typeof prepare;
export const SHELLS = Object.keys(prepare) as Shell[];

export interface ShellOptions {
  readonly path: string;
  /** A folder of its own. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Resolves when it prompts. The caller closes it. */
export async function startShell(shell: Shell, { path, home, env }: ShellOptions): Promise<PtyTerminal> {
  mkdirSync(home);
  const own = { HOME: home, ZDOTDIR: home, XDG_CONFIG_HOME: join(home, ".config") };
  const PATH = `${dirname(launcher)}:${process.env["PATH"]}`;
  const argv: [string, ...string[]] = [path, ...prepare[shell](home)];
  const user = new PtyTerminal(argv, { cols: 100, rows: 30, env: { ...env, ...own, PATH } });
  try {
    await user.until("the shell's prompt", (text) => /ready\n\$$/.test(text));
    return user;
  } catch (thrown) {
    user.close();
    throw thrown;
  }
}
