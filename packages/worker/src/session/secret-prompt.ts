// Decides whether the terminal of a session reads a secret just now, how sure that is, and which line asks for it. The one
// place that knows; types nothing.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Confidence } from "@fleetty/protocol/schemas/common";
import { compilePatterns, matchRows } from "../waits/pattern.ts";
import type { Session } from "./session.ts";

export interface SecretPrompt {
  readonly confidence: Extract<Confidence, "strong" | "heuristic">;
  /** What stands up to the cursor, without blanks at its end; else the last line above that is not blank. */
  readonly line: string;
}

/** Null while it reads none. Throws `session_exited`; and `unsupported` where the kernel cannot be asked. */
export function secretPrompt(session: Session): SecretPrompt | null {
  session.running();
  const { look, verdict } = session.attention.judged();
  if (look.terminal === null) throw unasked();
  if (verdict.attention !== "needs_secret") return null;
  const confidence = verdict.confidence === "heuristic" ? "heuristic" : "strong";
  return { confidence, line: session.caughtUp().askingLine("up_to_cursor").text };
}

/**
 * Why a secret may not be typed there; null when it may. `echo`: nothing reads a secret; `unsure`: perhaps something does, and
 * there is no pattern that could tell; `prompt`: the line that asks does not match the pattern.
 */
export type Reluctance = "echo" | "unsure" | "prompt";

/** `pattern`: RE2, of the secret. Throws `invalid_pattern`. */
export function reluctance(prompt: SecretPrompt | null, pattern: string | undefined): Reluctance | null {
  if (!prompt) return "echo";
  if (pattern === undefined) return prompt.confidence === "strong" ? null : "unsure";
  return matchRows(compilePatterns([{ regex: pattern }]), [prompt.line]) ? null : "prompt";
}

function unasked(): FleettyError {
  const message = "this platform does not tell whether a terminal echoes, so no secret is typed into it";
  return new FleettyError("unsupported", message, { capability: "echo_state" });
}
