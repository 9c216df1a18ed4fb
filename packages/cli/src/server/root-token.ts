// Decides which root token a server has: the one that its operator brings, by flag or environment, or the one in its state
// folder, made at first start. Only the latter can be replaced by the server itself.
import { join } from "node:path";
import type { RootToken } from "@fleetty/hub/auth/authority";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Secret } from "@fleetty/protocol/secret";
import { keptRootToken, readToken, renewRootToken, TOKEN_MIN_CHARACTERS } from "@fleetty/worker/state/kept-files";

/** What an operator brings; at most one of the flags. */
export interface TokenSources {
  /** `--token`: visible in the list of processes. */
  readonly flag: Secret | undefined;
  /** `--token-file`. */
  readonly file: string | undefined;
  /** `$FLEETTY_TOKEN`. */
  readonly environment: Secret | undefined;
}

/** Flags come before the environment, and that before the state folder. Throws `invalid_request` or `forbidden`. */
export function rootToken({ flag, file, environment }: TokenSources, stateDir: string): RootToken {
  if (flag && file !== undefined) {
    throw new FleettyError("invalid_request", "--token and --token-file both bring a root token; give one of them");
  }
  if (flag) return brought(flag, "--token");
  if (file !== undefined) return { secret: readToken(file), renew: null, from: file };
  if (environment) return brought(environment, "$FLEETTY_TOKEN");
  const path = join(stateDir, "token");
  return { secret: keptRootToken(path), renew: () => renewRootToken(path), from: path };
}

function brought(secret: Secret, from: string): RootToken {
  if (secret.reveal().length >= TOKEN_MIN_CHARACTERS) return { secret, renew: null, from };
  const message = `${from} holds fewer than ${TOKEN_MIN_CHARACTERS} characters; choose a longer token`;
  throw new FleettyError("invalid_request", message, { field: from });
}
