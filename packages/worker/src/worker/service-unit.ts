// Decides from a process's control groups which service of systemd it belongs to, and from the service's KillMode whether
// stopping it ends all of its processes. Pure; systemd's own names are all that it knows (systemd.kill(5)).

export interface Unit {
  /** Of its control group. */
  readonly path: string;
  readonly name: string;
  /** Run by a user's own manager, not by the system's. */
  readonly isOfUser: boolean;
}

/** The service whose control group this is, by the lines of `/proc/<pid>/cgroup`; null in a scope, a container, or none. */
export function unitOf(cgroups: string): Unit | null {
  const path = pathOf(cgroups);
  const parts = path.split("/");
  const at = parts.findLastIndex((part) => /\.(service|scope)$/.test(part));
  const name = parts[at];
  if (name === undefined || !name.endsWith(".service")) return null;
  const above = parts.slice(0, at);
  // A user's manager that is the only one, in a container say, has no such service above it.
  const isOfUser = above.some((part) => /^user@\d+\.service$/.test(part)) || above.includes("app.slice");
  return { path: parts.slice(0, at + 1).join("/"), name, isOfUser };
}

/** Of KillMode; a mode that is not known counts as one that ends all: that is the default of systemd. */
export function endsWholeUnit(killMode: string): boolean {
  return killMode !== "process" && killMode !== "none";
}

/** Where systemd keeps its own: in cgroup v2, or beside v1's controllers in the hierarchy of its name (cgroups(7)). */
function pathOf(cgroups: string): string {
  const hierarchies = cgroups.split("\n").map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const of = (controllers: string) => hierarchies.find((one) => one?.[1] === controllers)?.[2];
  const unified = of("") ?? "/";
  return unified === "/" ? (of("name=systemd") ?? "/") : unified;
}
