// Holds situations of programs that have the whole screen: editors, pagers, menus and monitors.
import { is, outside, program, runs, type Situation, script, shows, stays, type } from "../situation.ts";

const bash = { argv: ["/bin/bash"] } as const;

/** A program that waits for keys. */
function waits(name: string, line: string, shown: string, more: Partial<Situation> = {}): Situation {
  return { name, argv: script(line), ...more, steps: [shows(shown), stays("needs_input")] };
}

/** vim-tiny is called vi in places. */
const VIM = "$(command -v vim || command -v vi) -u NONE";
const repository = (commands: string) =>
  `git init -q repo; cd repo; git config user.email a@example.com; git config user.name A; ${commands}`;
const COMMITS = "for i in 1 2 3; do echo $i >a; git add a; git commit -qm number-$i; done";

export const fullScreen: readonly Situation[] = [
  waits("less", "seq 100 >numbers; less numbers", "^numbers", { needs: ["less"] }),
  {
    name: "less that searches",
    argv: script("seq 100 >numbers; less numbers"),
    needs: ["less"],
    steps: [shows("^numbers"), type("/"), shows("^/$"), is("needs_input")],
  },
  {
    name: "vim in normal and insert mode, and while it runs something",
    argv: script(`exec ${VIM} file`),
    steps: [
      shows("^~$"),
      is("needs_input"),
      type(":set showmode\r"),
      type("ihello"),
      shows("hello"),
      stays("needs_input"),
      type("\x1b:!sleep 60\r"),
      runs("sleep"),
      stays("working"),
    ],
  },
  waits("nano", "nano file", "GNU nano", { needs: ["nano"] }),
  waits("man", "printf '.TH X 1\\n.SH NAME\\nx - something' >x.1; man ./x.1", "something", { needs: ["man"] }),
  waits("more", "seq 100 >numbers; more numbers", "--More--", { needs: ["more"] }),
  waits("the editor of git commit", "cd repo; git add a; git commit", "Please enter the commit", {
    needs: ["git"],
    prepare: repository("echo 1 >a"),
    env: { EDITOR: "vi -u NONE" },
  }),
  waits("the editor of git rebase", "cd repo; git rebase -i HEAD~2", "^pick", {
    needs: ["git"],
    prepare: repository(COMMITS),
    env: { EDITOR: "vi -u NONE" },
  }),
  waits("the pager of git log", "cd repo; git log", "^commit", {
    needs: ["git", "less"],
    prepare: repository(`${COMMITS}; ${COMMITS}; ${COMMITS}`),
    env: { LESS: "R" },
  }),
  {
    name: "the pager of git log in bash",
    ...bash,
    needs: ["git", "less"],
    prepare: repository(`${COMMITS}; ${COMMITS}; ${COMMITS}`),
    env: { LESS: "R" },
    steps: [
      shows("ok> ?$"),
      type("cd repo; git log\r"),
      shows("^commit"),
      is("needs_input"),
      type("q"),
      shows("ok> ?$"),
      is("ready"),
    ],
  },
  waits("fzf", "printf 'one\\ntwo\\n' | fzf", "2/2", { needs: ["fzf"] }),
  waits("a menu of whiptail", "whiptail --menu Choose 12 40 3 a one b two", "Choose", { needs: ["whiptail"] }),
  waits("a question of whiptail", "whiptail --yesno 'Go on?' 8 40", "Go on", { needs: ["whiptail"] }),
  waits("a menu of dialog", "dialog --menu Choose 12 40 3 a one b two", "Choose", { needs: ["dialog"] }),
  waits("a message of dialog", "dialog --msgbox Finished 8 40", "Finished", { needs: ["dialog"] }),
  {
    name: "a gauge of whiptail",
    argv: script("(echo 10; sleep 60) | whiptail --gauge 'Copying: ' 8 40 0"),
    needs: ["whiptail"],
    steps: [shows("10%"), stays("working")],
  },
  // They also compute, for longer than an instant where there is much to show.
  { name: "top", argv: ["/usr/bin/top"], steps: [shows("load average"), is("needs_input")] },
  { name: "htop", argv: ["/usr/bin/htop"], steps: [shows("Load average"), is("needs_input")] },
  waits("a menu drawn with curses", `exec /usr/bin/python3 ${program("curses-menu.py")}`, "choose one", {
    needs: ["python3"],
  }),
  waits(
    "a menu drawn with curses that looks up ten times a second",
    `exec /usr/bin/python3 ${program("curses-menu.py")} 100`,
    "choose one",
    {
      needs: ["python3"],
    },
  ),
  {
    name: "a program that takes the screen and computes",
    argv: script("tput smcup; stty raw -echo; echo begun; sleep 60"),
    steps: [shows("begun"), runs("sleep"), stays("working")],
  },
  {
    name: "a program of node that draws and takes keys",
    argv: ["/usr/bin/env", "node", program("draw-and-take-keys.ts")],
    needs: ["node"],
    steps: [shows("press a key"), stays("needs_input")],
  },
  {
    name: "a program that goes from its screen to work and back",
    argv: script(
      "stty -icanon -echo; echo menu; dd bs=1 count=1 2>/dev/null; echo saving; read x <go; echo menu two; dd bs=1 count=1",
    ),
    prepare: "mkfifo go",
    steps: [
      shows("^menu$"),
      is("needs_input"),
      type("s"),
      shows("saving"),
      stays("working"),
      outside("echo >go"),
      shows("menu two"),
      is("needs_input"),
    ],
  },
];
