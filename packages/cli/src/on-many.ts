// Does one thing to many sessions, picked by a tag or named, and says of each how it went. Knows no operation.
import type { Client } from "@fleetty/client";
import { exitCodeForStatus, FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Invocation } from "./invocation.ts";
import { isDryRun, tagsPicked } from "./picked.ts";
import { printJson } from "./print/json.ts";
import { writeErr, writeOut } from "./print/output.ts";
import { visible, visibleLines } from "./print/visible.ts";

export interface ManyParts {
  readonly invocation: Invocation;
  /** What has happened to each: "killed". */
  readonly said: string;
  readonly client: Client;
  readonly signal: AbortSignal;
}

/** Sessions that are asked at once: enough that slow ones do not hold up the rest. */
const AT_ONCE = 16;

interface Outcome {
  readonly session: SessionInfo;
  readonly error?: FleettyError;
}

/** Resolves with the exit code: 0, or that of the first refusal. Throws what refused the picking. */
export async function runOnMany(parts: ManyParts): Promise<number> {
  const { invocation } = parts;
  const sessions = await pick(parts);
  const isDry = isDryRun(invocation.extras);
  const said = isDry ? `would be ${parts.said}` : parts.said;
  const outcomes: Outcome[] = [];
  for (let at = 0; at < sessions.length; at += AT_ONCE) {
    const some = sessions.slice(at, at + AT_ONCE);
    const done = isDry
      ? some.map((session) => ({ session }))
      : await Promise.all(some.map((session) => act(parts, session)));
    outcomes.push(...done);
    if (!invocation.globals.json) for (const outcome of done) await tell(outcome, said);
  }
  if (invocation.globals.json) await printJson(outcomes.map((outcome) => jsonOf(outcome, isDry)));
  const refusal = outcomes.find(({ error }) => error)?.error;
  return refusal ? exitCodeForStatus(refusal.status) : 0;
}

async function pick({ invocation, client, signal }: ManyParts): Promise<SessionInfo[]> {
  const { session, server } = invocation.members as { session?: string; server?: string };
  const tag = tagsPicked(invocation.extras);
  if (tag === undefined) return [await client.sessions.get({ session: session as string, server }, { signal })];
  if (tag.length === 0)
    throw new FleettyError("invalid_request", "--tag names no tag; fleetty ls shows those there are");
  const sessions = await client.sessions.list({ tag, server }, { signal });
  if (sessions.length > 0) return sessions;
  throw new FleettyError("session_not_found", `no live session carries ${tag.join(" or ")}; fleetty ls shows tags`);
}

async function act({ invocation, client, signal }: ManyParts, session: SessionInfo): Promise<Outcome> {
  const members = { ...invocation.members, session: session.id };
  try {
    await client.call(invocation.row.name as "sessions.kill", members, { signal });
    return { session };
  } catch (thrown) {
    const error = toFleettyError(thrown);
    if (error.code === "cancelled") throw error;
    return { session, error };
  }
}

async function tell({ session: { name }, error }: Outcome, said: string): Promise<void> {
  if (!error) return writeOut(`${visible(name)}  ${said}\n`);
  return writeErr(`fleetty: ${visible(name)}: ${visibleLines(error.message)} [${error.code}]\n`);
}

function jsonOf({ session: { name, id, server }, error }: Outcome, isDry: boolean): object {
  const subject = { session: name, server, id };
  if (error) return { ...subject, ok: false, error: error.toWire() };
  return isDry ? { ...subject, dry_run: true } : { ...subject, ok: true };
}
