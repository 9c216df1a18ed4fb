// Words for a start of a server or worker that the system refused.
import { FleettyError } from "@fleetty/protocol/errors";
import type { RuntimePaths } from "@fleetty/protocol/runtime-paths";

/** What the system refused, a full disk say, in its own words: no defect, and gone when its cause is. */
export function notStarted(thrown: unknown, { paths }: { readonly paths: RuntimePaths }): FleettyError {
  if (thrown instanceof FleettyError) return thrown;
  const { message, code } = thrown as NodeJS.ErrnoException;
  const refusal = `fleetty could not start on ${paths.stateDir}: ${message}; put that right, then start it again`;
  return new FleettyError("not_ready", refusal, { reason: code ?? "unknown" }, { cause: thrown });
}
