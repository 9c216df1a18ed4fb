// Carries out one read command: makes its input, calls, shows the answer, decides the exit code. Knows no operation.
import { type Client, connect } from "@fleetty/client";
import type { Comfort } from "./comfort.ts";
import type { Destination } from "./globals.ts";
import type { Invocation } from "./invocation.ts";
import { isForMany } from "./picked.ts";
import { printJson } from "./print/json.ts";
import { writeErr, writeOut } from "./print/output.ts";

export interface Undertaking {
  readonly invocation: Invocation;
  readonly comfort: Comfort | null;
  readonly destination: Destination;
  /** Whether the input was read by its schema, or may have members that only the schema can judge. */
  readonly checkInputs: boolean;
  readonly signal: AbortSignal;
}

/** Resolves with the exit code. Throws FleettyError. */
export async function invoke(undertaking: Undertaking): Promise<number> {
  const { comfort, destination } = undertaking;
  if (comfort?.startsServer && destination.kind === "local") {
    const { ensureServer } = await import("./start-server.ts");
    await ensureServer(destination, undertaking.signal);
  }
  using client = connect({ ...connectOptions(destination), checkInputs: undertaking.checkInputs });
  return await carryOut(undertaking, client);
}

export function connectOptions(destination: Destination) {
  return destination.kind === "url" ? destination.options : { socket: destination.socket };
}

async function carryOut({ invocation, comfort, signal }: Undertaking, client: Client): Promise<number> {
  const members = comfort?.input ? await comfort.input(invocation, signal) : invocation.members;
  const made = { ...invocation, members };
  if (comfort && isForMany(comfort, invocation.extras)) {
    const { runOnMany } = await import("./on-many.ts");
    return await runOnMany({ invocation: made, said: comfort.picksMany.said, client, signal });
  }
  if (comfort?.run) return await comfort.run(made, client, signal);
  const key = invocation.extras["--idempotency-key"];
  const options = typeof key === "string" ? { signal, idempotencyKey: key } : { signal };
  const answer = await client
    .call(invocation.row.name as "sessions.get", members as never, options)
    .catch((thrown) => retold(thrown, made, comfort));
  if (invocation.globals.json) await printJson(answer);
  else {
    await writeOut(await shown(answer, made, comfort));
    await writeErr(comfort?.tell?.(answer) ?? "");
  }
  return comfort?.exitCode?.(answer) ?? 0;
}

async function retold(thrown: unknown, { row, members }: Invocation, comfort: Comfort | null): Promise<never> {
  const { leftOut } = await import("./left-out.ts");
  throw leftOut(thrown, { row, comfort, members }) ?? thrown;
}

async function shown(answer: unknown, invocation: Invocation, comfort: Comfort | null): Promise<string | Uint8Array> {
  if (comfort?.show) return comfort.show(answer, invocation);
  return (await import("./print/show.ts")).show(answer);
}
