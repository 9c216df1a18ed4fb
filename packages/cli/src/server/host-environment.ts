// Decides what a session host inherits: enough to run, nothing of what sessions or callers bring.

const PASSED = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "NODE_COMPILE_CACHE"];

/** The environment of a session host's process; its sessions get one of their own with each create. */
export function hostEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const present = PASSED.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}
