// What becomes of an input that is asked for by one request, as whoever asks is told: by HTTP or by the command line. Asks once.
import assert from "node:assert/strict";
import type { Dice } from "./dice.ts";
import { type Answer, ask } from "./http.ts";
import type { CommandResult, TestServer } from "./server.ts";

export interface Input {
  readonly text: string;
  readonly id?: string;
}

export type Said =
  | { readonly kind: "typed"; readonly generation: number; readonly offset: number; readonly duplicate: boolean }
  | { readonly kind: "refused"; readonly code: string; readonly mayHaveRun: unknown }
  /** The connection was lost, or whoever asked has hung up. */
  | { readonly kind: "unanswered" };

/** Asks for an input once. */
export type Way = (input: Input) => Promise<Said>;

/** So many callers do not wait for their answer, and hang up within so long. */
const HASTY = { share: 0.05, withinMs: 6 };
/** Longer than the server gives any of them. */
const ANSWER_MAX_MS = 30_000;

/** `session` as in a path. Some callers are hasty. */
export function byRequest(server: TestServer, session: string, dice: Dice): Way {
  return async ({ text, id }) => {
    const query = id === undefined ? "" : `?input_id=${id}`;
    const isHasty = dice.chance(HASTY.share);
    const signal = AbortSignal.timeout(isHasty ? dice.below(HASTY.withinMs) : ANSWER_MAX_MS);
    const asked = { path: `/sessions/${session}/input${query}`, body: text, signal };
    const answer = await ask({ socketPath: server.socketPath }, asked).catch(() => null);
    if (answer) return answered(answer);
    assert.ok(isHasty || !signal.aborted, `${asked.path} was not answered at all`);
    return { kind: "unanswered" };
  };
}

/** `session` as a user writes it. */
export function byCommand(server: TestServer, session: string): Way {
  return async ({ text, id = "" }) =>
    commanded(await server.fleetty(["send", session, text, "--input-id", id, "--json"]));
}

function answered({ status, json }: Answer): Said {
  return status === 200 ? typed(json) : refused(json);
}

function commanded({ code, stdout, stderr }: CommandResult): Said {
  return code === 0 ? typed(JSON.parse(stdout)) : refused(JSON.parse(stderr));
}

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
function typed({ generation, offset, duplicate = false }: any): Said {
  return { kind: "typed", generation, offset, duplicate };
}

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
function refused({ error: { code, details } }: any): Said {
  return { kind: "refused", code, mayHaveRun: details?.may_have_run };
}
