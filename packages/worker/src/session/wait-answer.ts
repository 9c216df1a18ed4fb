// Puts together the answer of a wait: what the conditions decided, where the session was at that moment, and its screen
// if it was asked for. The same for live and ended sessions.
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Position } from "@fleetty/protocol/schemas/common";
import type { WaitOutcome } from "../waits/wait.ts";
import type { ScreenRequest } from "./screen-answer.ts";

/** What the answer says of the session. */
export interface WaitedSession extends Position {
  readonly name: string;
  readonly server: string;
  readonly id: string;
  readonly epoch: number;
}

type ScreenAnswer = NonNullable<OperationOutput<"sessions.wait">["screen"]>;

export function waitAnswer(
  session: WaitedSession,
  outcome: WaitOutcome,
  screen: ScreenAnswer | undefined,
): OperationOutput<"sessions.wait"> {
  const { name, server, id, generation, offset, epoch } = session;
  const { match, gap, ...rest } = outcome;
  return {
    session: name,
    server,
    id,
    ...rest,
    ...(match && { match: { ...match, groups: [...match.groups] } }),
    generation,
    offset,
    epoch,
    ...(gap && { gap }),
    ...(screen && { screen }),
  };
}

/** What a wait's `screen` member asks for; null for none. A delta is plain. */
export function screenAsked(asked: OperationInput<"sessions.wait">["screen"]): ScreenRequest | null {
  if (asked === undefined || asked === "none") return null;
  return typeof asked === "string" ? { format: asked } : { format: "plain", since_epoch: asked.since_epoch };
}
