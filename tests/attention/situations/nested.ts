// Holds situations of terminals within the session's terminal: what counts is what the innermost program wants.
import { is, PROMPT, type Situation, script, shows, stays, type } from "../situation.ts";

const bash = { argv: ["/bin/bash"] } as const;
const INNER = "PS1='in> ' exec bash --norc";
const INNER_PROMPT = "in> ?$";
/** Not on the line that is typed. */
const BEGIN = "echo be''gun";

/** Something that has a terminal of its own, in which a shell runs. Whether that is the session's own shell is a matter of taste. */
function within(name: string, argv: readonly string[], more: Partial<Situation> = {}): readonly Situation[] {
  return [
    {
      name: `${name} with a shell at its prompt`,
      argv,
      ...more,
      steps: [shows(INNER_PROMPT), is("ready", "needs_input")],
    },
    {
      name: `${name} with a program that works`,
      argv,
      ...more,
      steps: [shows(INNER_PROMPT), type(`${BEGIN}; sleep 60\r`), shows("^begun"), stays("working")],
    },
    {
      name: `${name} with a program that asks for a password`,
      argv,
      ...more,
      steps: [shows(INNER_PROMPT), type("read -s -p 'to''ken: '\r"), shows("token: ?$"), is("needs_secret")],
    },
  ];
}

const TMUX = "tmux -S own -f /dev/null";
const tmux = { needs: ["tmux"], tidy: `${TMUX} kill-server || :` } as const;
const screen = { needs: ["screen"], env: { SCREENDIR: "" }, tidy: "screen -S own -X quit || :" } as const;

export const nested: readonly Situation[] = [
  ...within("tmux", script(`exec ${TMUX} new "${INNER}"`), tmux),
  ...within("screen", script(`export SCREENDIR=$HOME; chmod 700 .; exec screen -S own -c /dev/null sh -c "${INNER}"`), {
    ...screen,
    tidy: "SCREENDIR=$HOME screen -S own -X quit || :",
  }),
  ...within("script", ["/usr/bin/script", "-qc", INNER, "/dev/null"]),
  ...within("socat", script(`exec socat -,raw,echo=0 EXEC:"bash --norc",pty,setsid,ctty,stderr`), {
    needs: ["socat"],
    env: { PS1: "in> " },
  }),
  ...within("expect", ["/usr/bin/expect", "-c", "spawn -noecho bash --norc; interact"], { env: { PS1: "in> " } }),
  ...within("python's pty", ["/usr/bin/python3", "-c", "import pty; pty.spawn(['bash', '--norc'])"], {
    env: { PS1: "in> " },
  }),
  {
    name: "tmux in bash",
    ...bash,
    ...tmux,
    steps: [
      shows(PROMPT),
      type(`${TMUX} new "${INNER}"\r`),
      shows(INNER_PROMPT),
      is("needs_input"),
      type(`${BEGIN}; sleep 60\r`),
      shows("^begun"),
      stays("working"),
      type("\x03"),
      shows(INNER_PROMPT),
      type("exit\r"),
      shows("\\[exited\\]"),
      is("ready"),
    ],
  },
  {
    name: "less in tmux",
    argv: script(`seq 100 >numbers; exec ${TMUX} new "less numbers"`),
    ...tmux,
    needs: ["tmux", "less"],
    steps: [shows("^numbers"), is("needs_input")],
  },
  {
    name: "script in tmux in bash",
    ...bash,
    ...tmux,
    steps: [
      shows(PROMPT),
      type(`${TMUX} new "script -qc \\"${INNER}\\" /dev/null"\r`),
      shows(INNER_PROMPT),
      type(`${BEGIN}; sleep 60\r`),
      shows("^begun"),
      stays("working"),
    ],
  },
];
