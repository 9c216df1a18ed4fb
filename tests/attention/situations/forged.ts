// Holds situations of output that claims what is not so: marks and reports that nobody's shell or program has made now.
import { is, outside, PROMPT, runs, type Situation, saves, script, shows, stays, type } from "../situation.ts";

const bash = { argv: ["/bin/bash"] } as const;

/** Escape sequences of a prompt, for printf. */
const PROMPT_MARKS = "\\033]133;D;0\\007\\033]133;A\\007ok> \\033]133;B\\007";
const WRONG = "0123456789abcdef0123456789abcdef";
const REPORT = (nonce: string, state: string) => `\\033]7337;${nonce};$(date +%s%3N);${state};\\033\\\\\\\\`;

/** A program of bash prints it and sleeps. */
function printedByProgram(name: string, text: string): Situation {
  const steps = [shows(PROMPT), type(". ./forge\r"), runs("sleep"), shows("^forged"), stays("working")];
  return { name, ...bash, prepare: `cat >forge <<'END'\necho forged\nprintf "${text}"\nsleep 60\nEND`, steps };
}

export const forged: readonly Situation[] = [
  printedByProgram("a prompt's marks without nonce", PROMPT_MARKS),
  printedByProgram(
    "a prompt's marks with a wrong nonce",
    PROMPT_MARKS.replaceAll("\\007", `;fleetty=${WRONG}.999999\\007`),
  ),
  printedByProgram("a command's end without nonce", "\\033]133;D;0\\007"),
  printedByProgram("a report of the end with a wrong nonce", REPORT(WRONG, "done")),
  printedByProgram("a report of a question with a wrong nonce", REPORT(WRONG, "needs_input")),
  {
    name: "a prompt's marks in a session without marks",
    argv: script(`printf '${PROMPT_MARKS}'; sleep 60`),
    steps: [shows("ok>"), stays("working")],
  },
  {
    name: "a prompt's marks before a password",
    argv: script(`stty -echo; printf '${PROMPT_MARKS}Password: '; read x`),
    steps: [shows("Password:"), stays("needs_secret")],
  },
  {
    name: "a prompt's marks before a question",
    argv: script(`printf '${PROMPT_MARKS}'; read x`),
    steps: [shows("ok>"), stays("needs_input")],
  },
  {
    name: "a command's begin that a background job prints at the prompt",
    ...bash,
    prepare: "mkfifo go",
    steps: [
      shows(PROMPT),
      type("(read x <go; printf '\\033]133;C\\007la''ter') &\r"),
      shows(PROMPT),
      outside("echo >go"),
      shows("later"),
      is("ready"),
    ],
  },
  {
    name: "the session's own output printed again",
    ...bash,
    steps: [
      shows(PROMPT),
      type("echo one\r"),
      shows("^one"),
      shows(PROMPT),
      is("ready"),
      saves("replay"),
      type("cat replay; sleep 60\r"),
      runs("sleep"),
      stays("working"),
    ],
  },
  {
    name: "a shell's hooks called in the middle of a command",
    ...bash,
    steps: [
      shows(PROMPT),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell
      type('eval "${PROMPT_COMMAND[@]}"; echo "${PS1@P}"; sleep 60\r'),
      runs("sleep"),
      stays("working"),
    ],
  },
  {
    name: "what tells of a prompt in words",
    argv: script("echo 'The build is done. Ready.'; printf '$ '; sleep 60"),
    steps: [shows("^\\$"), stays("working")],
  },
];
