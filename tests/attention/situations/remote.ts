// Holds situations of ssh to a server on this machine, each to one of its own.
import { is, PROMPT, type Situation, script, shows, stays, type } from "../situation.ts";

const SERVER = `mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ed25519 -N '' -f open
ssh-keygen -q -t ed25519 -N secret -f locked
cat open.pub locked.pub >authorized
cat >sshd.conf <<END
HostKey $HOME/host
AuthorizedKeysFile $HOME/authorized
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile $HOME/pid
ListenAddress 127.0.0.1
END
port=$RANDOM
until ((port > 1024)) && /usr/sbin/sshd -f $HOME/sshd.conf -E $HOME/log -p $port; do port=$RANDOM; done
cat >ssh.conf <<END
Host *
HostName 127.0.0.1
HostKeyAlias far
Port $port
UserKnownHostsFile $HOME/known
GlobalKnownHostsFile /dev/null
IdentitiesOnly yes
IdentityAgent none
User root
END`;
const KNOWN = `${SERVER}\necho "far $(cat host.pub)" >known`;

const far = { needs: ["ssh", "ssh-keygen", "sshd"], prepare: KNOWN, tidy: "kill $(cat pid)" } as const;
const SSH = "ssh -F ssh.conf -i open";
const FAR_SHELL = `"PS1='far> ' exec bash --norc"`;
const FAR_PROMPT = "far> ?$";

export const remote: readonly Situation[] = [
  {
    name: "ssh that does not know its host",
    argv: script("ssh -F ssh.conf -i open far"),
    ...far,
    prepare: SERVER,
    steps: [shows("Are you sure"), stays("needs_input")],
  },
  {
    name: "ssh that wants a passphrase",
    argv: script("ssh -F ssh.conf -i locked far"),
    ...far,
    steps: [shows("Enter passphrase"), stays("needs_secret")],
  },
  {
    name: "ssh that wants a password",
    argv: script("ssh -F ssh.conf -i none far"),
    ...far,
    steps: [shows("password:"), stays("needs_secret")],
  },
  {
    name: "ssh that wants a password, in bash",
    argv: ["/bin/bash"],
    ...far,
    steps: [shows(PROMPT), type("ssh -F ssh.conf -i none far\r"), shows("password:"), is("needs_secret")],
  },
  {
    name: "a far shell at its prompt",
    argv: script(`${SSH} -t far ${FAR_SHELL}`),
    ...far,
    steps: [shows(FAR_PROMPT), stays("unknown"), type("echo be''gun; sleep 60\r"), shows("^begun"), stays("unknown")],
  },
  {
    name: "a far shell at its prompt, in bash",
    argv: ["/bin/bash"],
    ...far,
    steps: [
      shows(PROMPT),
      type(`${SSH} -t far ${FAR_SHELL}\r`),
      shows(FAR_PROMPT),
      stays("unknown"),
      type("exit\r"),
      shows("closed"),
      is("ready"),
    ],
  },
  {
    name: "a far program without a terminal",
    argv: script(`${SSH} far 'echo begun; cat'`),
    ...far,
    // ssh hands on what is typed, and cannot know whether the far side wants it.
    steps: [shows("begun"), stays("unknown")],
  },
];
