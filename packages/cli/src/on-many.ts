// Does one thing to many sessions, picked or named, and says of each how it went. Knows no operation.
import type { Client } from "@fleetty/client";
import { exitCodeForStatus, type FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Invocation } from "./invocation.ts";
import { type Found, pickSessions } from "./pick-sessions.ts";
import { isDryRun, pickedBy } from "./picked.ts";
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
  const { extras, globals } = parts.invocation;
  const { sessions, missing } = await pick(parts);
  const isDry = isDryRun(extras);
  const telling: Telling = {
    said: isDry ? `would be ${parts.said}` : parts.said,
    withServer: new Set([...sessions, ...missing].map(({ server }) => server)).size > 1,
  };
  const outcomes: Outcome[] = [];
  for (let at = 0; at < sessions.length; at += AT_ONCE) {
    const some = sessions.slice(at, at + AT_ONCE);
    const done = isDry
      ? some.map((session) => ({ session }))
      : await Promise.all(some.map((session) => act(parts, session)));
    outcomes.push(...done);
    if (!globals.json) for (const outcome of done) await tell(outcome, telling);
  }
  if (globals.json)
    await printJson([...outcomes.map((outcome) => jsonOf(outcome, isDry)), ...missing.map(jsonOfMissing)]);
  else for (const { server, error } of missing) await tellRefusal(server, error);
  const refusal = outcomes.find(({ error }) => error)?.error ?? missing[0]?.error;
  return refusal ? exitCodeForStatus(refusal.status) : 0;
}

async function pick({ invocation, client, signal }: ManyParts): Promise<Found> {
  const { session, server } = invocation.members as { session?: string; server?: string };
  const picked = pickedBy(invocation);
  if (picked) return await pickSessions({ picked, client, signal, server });
  const one = await client.sessions.get({ session: session as string, server }, { signal });
  return { sessions: [one], missing: [] };
}

async function act({ invocation, client, signal }: ManyParts, session: SessionInfo): Promise<Outcome> {
  // By its id: several servers may have the name.
  const members = { ...invocation.members, session: session.id, server: session.server };
  try {
    await client.call(invocation.row.name as "sessions.kill", members, { signal });
    return { session };
  } catch (thrown) {
    const error = toFleettyError(thrown);
    if (error.code === "cancelled") throw error;
    return { session, error };
  }
}

interface Telling {
  readonly said: string;
  /** Whether there is more than one. */
  readonly withServer: boolean;
}

async function tell({ session: { name, server }, error }: Outcome, { said, withServer }: Telling): Promise<void> {
  const called = withServer ? `${server}/${name}` : name;
  return error ? tellRefusal(called, error) : writeOut(`${visible(called)}  ${said}\n`);
}

async function tellRefusal(called: string, { message, code }: FleettyError): Promise<void> {
  await writeErr(`fleetty: ${visible(called)}: ${visibleLines(message)} [${code}]\n`);
}

function jsonOf({ session: { name, id, server }, error }: Outcome, isDry: boolean): object {
  const subject = { session: name, server, id };
  if (error) return { ...subject, ok: false, error: error.toWire() };
  return isDry ? { ...subject, dry_run: true } : { ...subject, ok: true };
}

/** A server whose sessions nothing was done to, because they are not known. */
function jsonOfMissing({ server, error }: Found["missing"][number]): object {
  return { server, ok: false, error: error.toWire() };
}
