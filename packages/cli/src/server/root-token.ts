// Decides which root token a server has: the one that its operator brings, by flag or environment, or the one in its state
// folder, made at first start. Only the latter can be replaced by the server itself.
import { join } from "node:path";
import type { RootToken } from "@fleetty/hub/auth/authority";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Secret } from "@fleetty/protocol/secret";
import { keptRootToken, readToken, renewRootToken, TOKEN_MIN_CHARACTERS } from "@fleetty/worker/state/kept-files";

/** What an operator brings, and how to name it to him: one of these, or none. */
export interface TokenSources {
  /** `--token`, visible in the list of processes, and its like. */
  readonly token: { readonly secret: Secret; readonly called: string } | undefined;
  readonly file: { readonly path: string; readonly called: string } | undefined;
}

/** What is brought comes before the state folder. Throws `invalid_request` or `forbidden`. */
export function rootToken({ token, file }: TokenSources, stateDir: string): RootToken {
  if (token && file) {
    const message = `${token.called} and ${file.called} both bring a root token; give one of them`;
    throw new FleettyError("invalid_request", message);
  }
  if (token) return brought(token.secret, token.called);
  if (file) return { secret: readToken(file.path), renew: null, from: file.path };
  const path = join(stateDir, "token");
  return { secret: keptRootToken(path), renew: () => renewRootToken(path), from: path };
}

function brought(secret: Secret, from: string): RootToken {
  if (secret.reveal().length >= TOKEN_MIN_CHARACTERS) return { secret, renew: null, from };
  const message = `${from} holds fewer than ${TOKEN_MIN_CHARACTERS} characters; choose a longer token`;
  throw new FleettyError("invalid_request", message, { field: from });
}
