// Holds situations around passwords: who asks for one, and who only looks as if.
import {
  is,
  isSecretInRawMode,
  outside,
  PROMPT,
  program,
  runs,
  type Situation,
  script,
  shows,
  stays,
  turnsFrom,
  type,
} from "../situation.ts";

const bash = { argv: ["/bin/bash"] } as const;

/** A line of sh that asks for a secret in line mode. */
function hides(name: string, line: string, question: string, more: Partial<Situation> = {}): Situation {
  return { name, argv: script(line), ...more, steps: [shows(question), stays("needs_secret")] };
}

const TEXT_PINENTRY = "mkdir -m 700 .gnupg; echo 'pinentry-program /usr/bin/pinentry-tty' >.gnupg/gpg-agent.conf";
const DRAWN_PINENTRY = "mkdir -m 700 .gnupg; echo 'pinentry-program /usr/bin/pinentry-curses' >.gnupg/gpg-agent.conf";
const gpg = { needs: ["gpg", "gpg-agent"], tidy: "gpgconf --kill all" } as const;

export const secrets: readonly Situation[] = [
  {
    name: "read -s in a script",
    argv: ["/bin/bash", "-c", "read -s -p 'token: ' x; echo; echo got $x; read y"],
    steps: [shows("^token: ?$"), stays("needs_secret"), type("abc\r"), shows("got abc"), is("needs_input")],
  },
  {
    name: "read -s at a prompt",
    ...bash,
    steps: [shows(PROMPT), type("clear; read -s -p 'token: ' x\r"), shows("^token: ?$"), stays("needs_secret")],
  },
  {
    name: "read -s at a prompt without marks",
    ...bash,
    integration: "off",
    steps: [shows(PROMPT), type("clear; read -s -p 'token: ' x\r"), shows("^token: ?$"), is("needs_secret")],
  },
  {
    name: "read -s in zsh",
    argv: ["/usr/bin/zsh"],
    steps: [shows(PROMPT), type("clear; read -s 'x?token: '\r"), shows("^token: ?$"), is("needs_secret")],
  },
  {
    name: "read -s in fish",
    argv: ["/usr/bin/fish"],
    steps: [shows(PROMPT), type("clear; read -s -P 'password: ' x\r"), shows("^password: ?$"), isSecretInRawMode()],
  },
  hides("getpass of python", "/usr/bin/python3 -c 'import getpass; getpass.getpass()'", "^Password: ?$", {
    needs: ["python3"],
  }),
  {
    name: "getpass of python in bash",
    ...bash,
    needs: ["python3"],
    steps: [
      shows(PROMPT),
      type("/usr/bin/python3 -c 'import getpass,time; getpass.getpass(); print(1+1); time.sleep(60)'\r"),
      shows("^Password: ?$"),
      is("needs_secret"),
      type("abc\r"),
      shows("^2$"),
      stays("working"),
    ],
  },
  hides("read -s with a time-out", "exec bash -c 'read -t 600 -s -p \"token: \"'", "^token: ?$"),
  hides("stty -echo and read in sh", "stty -echo; printf 'PIN: '; read x", "^PIN: ?$"),
  hides("openssl that encrypts", "openssl enc -aes-256-cbc -pbkdf2 -in /etc/hostname -out out", "password:", {
    needs: ["openssl"],
  }),
  hides("the passphrase of a new ssh key", "ssh-keygen -q -t ed25519 -f key", "Enter passphrase", {
    needs: ["ssh-keygen"],
  }),
  hides("the passphrase of an old ssh key", "ssh-keygen -y -f key", "Enter passphrase", {
    needs: ["ssh-keygen"],
    prepare: "ssh-keygen -q -t ed25519 -N secret -f key",
  }),
  hides("a password that curl wants", "curl -u me http://127.0.0.1:9/", "Enter host password", { needs: ["curl"] }),
  hides("a password that psql wants", "psql -W -h 127.0.0.1 -U me", "Password", { needs: ["psql"] }),
  {
    name: "a user name and then a password that git wants",
    argv: script("printf 'protocol=https\\nhost=example.com\\n' | git credential fill"),
    needs: ["git"],
    steps: [shows("Username for"), is("needs_input"), type("me\r"), shows("Password for"), stays("needs_secret")],
  },
  hides("gpg that asks by itself", "gpg -q --pinentry-mode loopback -c -o out /etc/hostname", "passphrase", {
    ...gpg,
    prepare: "mkdir -m 700 .gnupg",
  }),
  {
    name: "gpg whose pinentry asks on a line",
    argv: script("export GPG_TTY=$(tty); gpg -q -c -o out /etc/hostname"),
    ...gpg,
    needs: [...gpg.needs, "pinentry-tty"],
    prepare: TEXT_PINENTRY,
    steps: [shows("^Passphrase: ?$"), isSecretInRawMode()],
  },
  {
    name: "gpg whose pinentry asks on a line, in bash",
    ...bash,
    ...gpg,
    needs: [...gpg.needs, "pinentry-tty"],
    prepare: TEXT_PINENTRY,
    steps: [
      shows(PROMPT),
      type("export GPG_TTY=$(tty); clear; gpg -q -c -o out /etc/hostname\r"),
      shows("^Passphrase: ?$"),
      isSecretInRawMode(),
    ],
  },
  {
    name: "gpg whose pinentry draws a dialog",
    argv: script("export GPG_TTY=$(tty); gpg -q -c -o out /etc/hostname"),
    ...gpg,
    needs: [...gpg.needs, "pinentry-curses"],
    prepare: DRAWN_PINENTRY,
    steps: [shows("Passphrase:"), isSecretInRawMode()],
  },
  {
    name: "a program that turns echo off, on and off again",
    argv: script(
      "stty -echo; printf 'old: '; read a; stty echo; printf '\\nname: '; read b; stty -echo; printf 'new: '; read c",
    ),
    steps: [
      shows("^old:"),
      is("needs_secret"),
      type("x\r"),
      shows("^name:"),
      stays("needs_input"),
      type("y\r"),
      shows("^new:"),
      is("needs_secret"),
    ],
  },
  {
    name: "a program that turns echo off and computes",
    argv: script("stty -echo; echo begun; while :; do :; done"),
    steps: [shows("begun"), stays("working")],
  },
  {
    name: "a program that turns echo off and sleeps",
    argv: script("stty -echo; echo begun; sleep 60"),
    steps: [shows("begun"), runs("sleep"), stays("working")],
  },
  {
    name: "a program that turns echo off and runs short commands",
    argv: ["/bin/bash"],
    steps: [
      shows(PROMPT),
      type("clear; stty -echo; printf 'Pass''word: '; while :; do /bin/true; done\r"),
      shows("^Password: ?$"),
      stays("working"),
    ],
  },
  {
    name: "a program that prints a password prompt and computes",
    argv: script("printf 'Password: '; while :; do :; done"),
    steps: [shows("Password:"), stays("working")],
  },
  {
    name: "a program that prints a password prompt in raw mode and sleeps",
    argv: script("stty raw -echo; printf 'Password: '; sleep 60"),
    steps: [shows("Password:"), runs("sleep"), stays("working")],
  },
  {
    name: "a program that asks for the name of a password file",
    argv: script("printf 'Where is the password file: '; read x"),
    steps: [shows("password file:"), stays("needs_input")],
  },
  {
    name: "a password prompt whose text comes in two halves",
    argv: script("stty -echo; printf 'Pass'; read x <go; printf 'word: '; read x"),
    prepare: "mkfifo go",
    steps: [shows("^Pass$"), stays("working"), outside("echo >go"), shows("^Password:"), stays("needs_secret")],
  },
  {
    name: "a password prompt that gives up",
    argv: ["/usr/bin/python3", program("ask-until-told.py"), "hide"],
    prepare: "mkfifo go",
    steps: [
      shows("^go on\\? ?$"),
      is("needs_secret"),
      outside("echo >go"),
      shows("too late"),
      turnsFrom("needs_secret", stays("working")),
    ],
  },
  {
    name: "a password that is checked for a while",
    argv: script("stty -echo; printf 'Password: '; read x; read y <go; printf '\\nSorry.\\nPassword: '; read x"),
    prepare: "mkfifo go",
    steps: [
      shows("^Password:"),
      is("needs_secret"),
      type("abc\r"),
      stays("working"),
      outside("echo >go"),
      shows("Sorry"),
      is("needs_secret"),
    ],
  },
  {
    name: "a password dialog of whiptail",
    argv: ["/usr/bin/whiptail", "--passwordbox", "Password for the archive:", "8", "50"],
    steps: [shows("Password for"), isSecretInRawMode()],
  },
  {
    name: "a program that reads keys and prints stars for a password",
    argv: ["/usr/bin/python3", program("read-stars.py")],
    steps: [shows("^Password: ?$"), isSecretInRawMode(), type("ab"), shows("\\*\\*"), isSecretInRawMode()],
  },
];
