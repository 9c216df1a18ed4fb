// Holds how one input is said at each face. A type alone.
import type { Ask } from "./http.ts";

/** One input, as it is said at each face. */
export interface Said {
  readonly input: Readonly<Record<string, unknown>>;
  readonly http: Ask;
  /** Null for a command that needs a terminal, or never ends. */
  readonly words: readonly string[] | null;
  /** What the command reads. */
  readonly stdin?: string;
  /** What the command exits with on an answer that says nothing; 0 where nothing is said. */
  readonly exits?: number;
  /** As `fleetty api` takes it, where that is not `member=value` for each. */
  readonly pairs?: readonly string[];
}
