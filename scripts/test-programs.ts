// Brings what tests need beyond npm: programs from Debian's packages, installed as root where they are missing. Where they
// cannot be, says so plainly; the tests that need them then say that they are skipped.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

/** Program and the package that has it. */
const programs = {
  vim: "vim-tiny",
  less: "less",
  tmux: "tmux",
  zsh: "zsh",
  fish: "fish",
  git: "git",
  python3: "python3",
  ip: "iproute2",
  ps: "procps",
  openssl: "openssl",
  nginx: "nginx-light",
  curl: "curl",
  "systemd-analyze": "systemd",
  "dbus-daemon": "dbus",
  chromium: "chromium",
  faketime: "faketime",
  // What tests/attention watches.
  dash: "dash",
  busybox: "busybox",
  nano: "nano",
  man: "man-db",
  sudo: "sudo",
  sshd: "openssh-server",
  ssh: "openssh-client",
  whiptail: "whiptail",
  dialog: "dialog",
  psql: "postgresql-client",
  sqlite3: "sqlite3",
  gdb: "gdb",
  htop: "htop",
  screen: "screen",
  socat: "socat",
  fzf: "fzf",
  expect: "expect",
  gpg: "gpg",
  "gpg-agent": "gpg-agent",
  "pinentry-curses": "pinentry-curses",
  "pinentry-tty": "pinentry-tty",
  unzip: "unzip",
  make: "make",
} as const;

/** vim-tiny installs vi and vim.tiny only. */
const otherNames: Readonly<Record<string, readonly string[]>> = { vim: ["vim", "vim.tiny", "vi"] };

export function ensurePrograms(): void {
  const missing = Object.keys(programs).filter((program) => !isThere(program)) as (keyof typeof programs)[];
  if (missing.length === 0) return;
  const packages = missing.map((program) => programs[program]);
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    console.log(`missing: ${missing.join(", ")}; install ${packages.join(" ")} to run the tests that need them`);
    return;
  }
  console.log(`installing ${packages.join(" ")} for the tests`);
  aptGet("update", "-qq");
  withoutServices(() => aptGet("install", "-y", "-qq", "--no-install-recommends", ...packages));
  const still = missing.filter((program) => !isThere(program));
  if (still.length > 0) console.log(`could not be installed: ${still.join(", ")}; tests that need them are skipped`);
}

/** Where Debian asks whether a package may start its services (invoke-rc.d(8)). */
const POLICY = "/usr/sbin/policy-rc.d";

/** Programs are wanted, not daemons: a package that has one (nginx) does not start it. */
function withoutServices(install: () => void): void {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    install();
  } finally {
    if (isOurs) rmSync(POLICY);
  }
}

function isThere(program: string): boolean {
  const names = otherNames[program] ?? [program];
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  return names.some((name) => folders.some((folder) => existsSync(`${folder}/${name}`)));
}

function aptGet(...args: string[]): void {
  spawnSync("apt-get", args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
