// Holds situations of an ordinary user who becomes somebody else. Played on a server of root's, whose session hosts see every
// process, and on one of that user's, whose session hosts cannot see what root's programs wait for.
import { asUser, PASSWORD, USER } from "../scratch-user.ts";
import { is, PROMPT, type Situation, script, shows, stays, type } from "../situation.ts";

/** Only the server's own user can see it: others say that they do not know. */
interface Sight {
  readonly seesAll: boolean;
}

function situations({ seesAll }: Sight): readonly Situation[] {
  const by = seesAll ? "on root's server" : "on an ordinary server";
  const as = (...argv: readonly string[]) => (seesAll ? asUser(...argv) : argv);
  const orUnknown = seesAll ? [] : (["unknown"] as const);
  const bash = as("/bin/bash", "--norc", "-i");
  const server = seesAll ? {} : ({ server: "ordinary" } as const);
  const env = { PS1: "ok> ", HISTFILE: "" };
  const sudo = { ...server, needs: ["sudo", "setpriv"], env } as const;
  return [
    {
      name: `sudo, its password, and what it runs, ${by}`,
      argv: as(...script("sudo -k; sudo sh -c 'echo begun; sleep 60'")),
      ...sudo,
      steps: [
        shows("password for"),
        stays("needs_secret"),
        type(`${PASSWORD}\r`),
        shows("^begun"),
        stays("working", ...orUnknown),
      ],
    },
    {
      name: `sudo with a wrong password, ${by}`,
      argv: as(...script("sudo -k; sudo true")),
      ...sudo,
      steps: [shows("password for"), is("needs_secret"), type("wrong\r"), shows("try again"), is("needs_secret")],
    },
    {
      name: `sudo that runs what asks, ${by}`,
      argv: as(...script("sudo -k; sudo sh -c 'printf name:; read x'")),
      ...sudo,
      steps: [shows("password for"), type(`${PASSWORD}\r`), shows("^name:"), stays("needs_input", ...orUnknown)],
    },
    {
      name: `sudo in bash, ${by}`,
      argv: bash,
      ...sudo,
      steps: [
        shows(PROMPT),
        is("ready"),
        type("sudo -k; sudo true\r"),
        shows("password for"),
        is("needs_secret"),
        type(`${PASSWORD}\r`),
        shows(PROMPT),
        is("ready"),
      ],
    },
    {
      name: `su, ${by}`,
      argv: as("/usr/bin/su", "-s", "/bin/bash", USER, "-c", "echo begun; sleep 60"),
      ...server,
      needs: ["su", "setpriv"],
      steps: [
        shows("^Password:"),
        stays("needs_secret"),
        type(`${PASSWORD}\r`),
        shows("^begun"),
        stays("working", ...orUnknown),
      ],
    },
    {
      name: `passwd, ${by}`,
      argv: as("/usr/bin/passwd"),
      ...server,
      needs: ["setpriv"],
      steps: [
        shows("^Current password:"),
        is("needs_secret"),
        type(`${PASSWORD}\r`),
        shows("^New password:"),
        stays("needs_secret"),
      ],
    },
  ];
}

export const onRootsServer = situations({ seesAll: true });
export const onOrdinaryServer = situations({ seesAll: false });
