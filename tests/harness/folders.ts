// Gives each test a home of its own: short paths, since sockets have little room for theirs.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface Home {
  readonly root: string;
  /** Environment of whatever runs in this home, beside PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly stateDir: (instance: string) => string;
  readonly socket: (instance: string) => string;
  remove(): void;
}

export function makeHome(): Home {
  const root = mkdtempSync("/tmp/ft-");
  for (const name of ["home", "run", "state"]) mkdirSync(join(root, name), { mode: 0o700 });
  // What Node makes of our files is kept for all of them where the runner says: it is half of what a server's start costs.
  const { NODE_COMPILE_CACHE } = process.env;
  const env = {
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
    HOME: join(root, "home"),
    XDG_RUNTIME_DIR: join(root, "run"),
    XDG_STATE_HOME: join(root, "state"),
    XDG_CONFIG_HOME: join(root, "home"),
    PATH: process.env["PATH"] ?? "",
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
  };
  return {
    root,
    env,
    stateDir: (instance) => join(root, "state", "fleetty", instance),
    socket: (instance) => join(root, "run", "fleetty", `${instance}.http.sock`),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A home for one story. */
export async function inHome(story: (home: Home) => Promise<void>): Promise<void> {
  const home = makeHome();
  try {
    await story(home);
  } finally {
    home.remove();
  }
}
