// Judges whether a folder, or a socket in it, is the user's own and closed to others, from what lstat says of it. Pure,
// so that the side that listens and the side that dials judge alike.

/** What lstat says; links are not followed. */
export interface FileFacts {
  readonly kind: "folder" | "socket" | "link" | "other";
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
}

/** As Node tells it. */
export interface FileStats {
  readonly uid: number;
  readonly mode: number;
  isSymbolicLink(): boolean;
  isDirectory(): boolean;
  isSocket(): boolean;
}

export function factsOf(stats: FileStats): FileFacts {
  return { kind: kindOf(stats), uid: stats.uid, mode: stats.mode };
}

function kindOf(stats: FileStats): FileFacts["kind"] {
  if (stats.isSymbolicLink()) return "link";
  if (stats.isDirectory()) return "folder";
  return stats.isSocket() ? "socket" : "other";
}

const GROUP_OR_OTHERS = 0o077;

/** Null when the folder may be trusted, else a sentence that names it and says what is wrong. */
export function folderProblem(path: string, facts: FileFacts, uid: number): string | null {
  if (facts.kind === "link") return `${path} is a symbolic link; remove it, so that nobody can lead you elsewhere`;
  if (facts.kind !== "folder") return `${path} is not a folder; move it away`;
  if (facts.uid !== uid)
    return `${path} belongs to user ${facts.uid}, not to you (${uid}); somebody may be waiting there`;
  if ((facts.mode & GROUP_OR_OTHERS) !== 0)
    return `${path} is open to others (mode ${octal(facts.mode)}); chmod 700 it`;
  return null;
}

/** The same for a socket. */
export function socketProblem(path: string, facts: FileFacts, uid: number): string | null {
  if (facts.kind !== "socket") return `${path} is not a socket; move it away`;
  if (facts.uid !== uid)
    return `${path} belongs to user ${facts.uid}, not to you (${uid}); somebody may be waiting there`;
  return null;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
