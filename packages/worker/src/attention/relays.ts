// Holds the programs that carry a terminal to where this machine's kernel cannot follow: another machine, or processes
// below another one's daemon. Their reading the terminal says nothing of what the far side wants.

/** By the name of the executed file. An operator may name others. */
export const DEFAULT_RELAYS: ReadonlySet<string> = new Set([
  "ssh",
  "slogin",
  "mosh-client",
  "et",
  "telnet",
  "rlogin",
  "rsh",
  "tsh",
  "session-manager-plugin",
  "docker",
  "podman",
  "nerdctl",
  "crictl",
  "kubectl",
  "oc",
  "lxc",
  "incus",
  "virsh",
  "machinectl",
  "picocom",
  "minicom",
  "tio",
  "cu",
]);
