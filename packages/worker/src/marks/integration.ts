// Decides whether a program is an interactive shell that can be given marks, and what it is started with then: the same
// shell, that reads the user's own files as ever and one of ours beside them. Touches nothing but its own scripts. A shell that is told to read other
// files, or none, is left alone: that is its user's wish.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { StartScript } from "../pty/start-scripts.ts";

export type IntegratedShell = "bash" | "zsh" | "fish" | "sh";

export interface IntegrationRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where the files are to lie: of this session alone, and closed to others (see pty/start-scripts.ts). */
  readonly folder: string;
  /** That of marks: hexadecimal. */
  readonly nonce: string;
  /** Named in the OSC 7 of prompts; nothing else is made of it. */
  readonly serverHostname?: string;
}

export interface Integration {
  readonly shell: IntegratedShell;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly StartScript[];
}

/** Interactive, login: whatever else an argument says, it is not for us to guess. */
const PLAIN_ARGUMENT = /^-(?:[il]+|-login|-interactive)$/;

/** Null: no such shell, or one with arguments that want something else. */
export function integrate(request: IntegrationRequest): Integration | null {
  const { shell, args } = shellOf(request.argv);
  if (!shell || !args.every((argument) => PLAIN_ARGUMENT.test(argument))) return null;
  return starts[shell](request, args);
}

const SHELLS: Readonly<Record<string, IntegratedShell>> = {
  bash: "bash",
  zsh: "zsh",
  fish: "fish",
  sh: "sh",
  dash: "sh",
  ash: "sh",
};

function shellOf([program = "", ...args]: readonly string[]): { shell: IntegratedShell | undefined; args: string[] } {
  const [applet = "", ...rest] = args;
  const isBusybox = basename(program) === "busybox" && (applet === "sh" || applet === "ash");
  return isBusybox ? { shell: "sh", args: rest } : { shell: SHELLS[basename(program)], args };
}

type Start = (request: IntegrationRequest, args: readonly string[]) => Integration | null;

const starts: Readonly<Record<IntegratedShell, Start>> = {
  bash: startBash,
  zsh: startZsh,
  fish: startFish,
  sh: startSh,
};

/** What `bash -i` reads besides the system's file, which it reads by itself. `||`: a last command that gave 1 is no failure. */
const BASH_RC = "if [[ -f ~/.bashrc && -r ~/.bashrc ]]; then \\builtin . ~/.bashrc || :; fi";
/** What a login shell reads (bash(1), INVOCATION). */
const BASH_LOGIN = `if [[ -f /etc/profile && -r /etc/profile ]]; then \\builtin . /etc/profile || :; fi
if [[ -f ~/.bash_profile && -r ~/.bash_profile ]]; then \\builtin . ~/.bash_profile || :
elif [[ -f ~/.bash_login && -r ~/.bash_login ]]; then \\builtin . ~/.bash_login || :
elif [[ -f ~/.profile && -r ~/.profile ]]; then \\builtin . ~/.profile || :; fi`;

/**
 * A login shell takes no file of ours by argument. In POSIX mode it reads ENV alone (bash(1), INVOCATION), where we leave
 * that mode, undo what it has left behind, and read what it would have read.
 */
function startBash(request: IntegrationRequest, args: readonly string[]): Integration | null {
  const { argv, env, folder } = request;
  if (env["POSIXLY_CORRECT"] !== undefined) return null;
  const path = join(folder, "integration.bash");
  const isLogin = args.some((argument) => /^-(?:i*l[il]*|-login)$/.test(argument));
  const [program = "", ...rest] = argv;
  if (!isLogin) {
    const text = scriptOf("integration.bash", request, { startup: BASH_RC });
    return { shell: "bash", argv: [program, "--rcfile", path, ...rest], env, files: [{ path, text }] };
  }
  const startup = `\\builtin set +o posix
\\builtin shopt -u inherit_errexit
${restored("ENV", env)}
${env["HISTFILE"] === undefined ? "[[ $HISTFILE != ~/.sh_history ]] || HISTFILE=~/.bash_history" : ""}
${BASH_LOGIN}`;
  const text = scriptOf("integration.bash", request, { startup });
  return { shell: "bash", argv: [program, "--posix", ...rest], env: { ...env, ENV: path }, files: [{ path, text }] };
}

function startZsh(request: IntegrationRequest): Integration {
  const { argv, env, folder } = request;
  const text = scriptOf("integration.zsh", request, { restore: restored("ZDOTDIR", env) });
  const files = [{ path: join(folder, ".zshenv"), text }];
  return { shell: "zsh", argv, env: { ...env, ZDOTDIR: folder }, files };
}

function startFish(request: IntegrationRequest, args: readonly string[]): Integration {
  const { argv, env, folder } = request;
  const path = join(folder, "integration.fish");
  const [program = ""] = argv;
  const source = `source ${fishQuoted(path)}`;
  const text = scriptOf("integration.fish", request, {});
  return { shell: "fish", argv: [program, "--init-command", source, ...args], env, files: [{ path, text }] };
}

/** Whatever `sh` is here finds out itself which shell it is; as bash it reads the second file. */
function startSh(request: IntegrationRequest): Integration {
  const { argv, env, folder } = request;
  const path = join(folder, "integration.sh");
  const bashPath = join(folder, "integration.bash");
  const text = scriptOf("integration.sh", request, { restore: restored("ENV", env), bash: quoted(bashPath) });
  const bashText = scriptOf("integration.bash", request, { startup: "" });
  const files = [
    { path, text },
    { path: bashPath, text: bashText },
  ];
  return { shell: "sh", argv, env: { ...env, ENV: path }, files };
}

function scriptOf(name: string, request: IntegrationRequest, parts: Readonly<Record<string, string>>): string {
  const host = /^[A-Za-z0-9.-]*$/.exec(request.serverHostname ?? "")?.[0] ?? "";
  const all: Readonly<Record<string, string>> = { nonce: quoted(request.nonce), host: quoted(host), ...parts };
  return templateOf(name).replace(/@([a-z]+)@/g, (whole, part: string) => all[part] ?? whole);
}

const templates = new Map<string, string>();

/** Read once: every shell that starts is given one. */
function templateOf(name: string): string {
  const known = templates.get(name) ?? readFileSync(new URL(`shells/${name}`, import.meta.url), "utf8");
  templates.set(name, known);
  return known;
}

/** Makes a variable what it would be without us. */
function restored(name: string, env: Readonly<Record<string, string>>): string {
  const value = env[name];
  return value === undefined ? `\\unset ${name}` : `\\export ${name}=${quoted(value)}`;
}

/** For every shell of the POSIX family. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
