// What processes that run in the foreground, server and worker, have in common: a log that cannot break them, and words for
// a start that the system refused.
import { FleettyError } from "@fleetty/protocol/errors";
import type { RuntimePaths } from "@fleetty/protocol/runtime-paths";
import { type Logger, pino } from "pino";

/** Where it cannot be written, on a full disk or to a reader that has gone, it is silent: no session depends on it. */
export function openLog({ logLevel }: { readonly logLevel: string }): Logger {
  const destination = pino.destination({ fd: 2, sync: true });
  destination.on("error", () => {});
  return pino({ level: logLevel, base: { pid: process.pid } }, destination);
}

/** What the system refused, a full disk say, in its own words: no defect, and gone when its cause is. */
export function notStarted(thrown: unknown, { paths }: { readonly paths: RuntimePaths }): FleettyError {
  if (thrown instanceof FleettyError) return thrown;
  const { message, code } = thrown as NodeJS.ErrnoException;
  const refusal = `fleetty could not start on ${paths.stateDir}: ${message}; put that right, then start it again`;
  return new FleettyError("not_ready", refusal, { reason: code ?? "unknown" }, { cause: thrown });
}
