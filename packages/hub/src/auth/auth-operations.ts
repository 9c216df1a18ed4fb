// The hub's own handlers of what concerns credentials: decodes nothing, asks the authority, shapes the answer.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { CallContext } from "../calls.ts";
import { type Authority, LOGIN_TICKETS } from "./authority.ts";
import type { Credential } from "./credential.ts";

export interface AuthOperationsOptions {
  readonly authority: Authority;
  /** `http://127.0.0.1:7337`: where a browser on this machine reaches the server; null when it listens on no TCP. */
  readonly ownUrl: () => string | null;
  /** Path below which the routes lie: `""` or `/base`. */
  readonly basePrefix: string;
}

export function authOperations({ authority, ownUrl, basePrefix }: AuthOperationsOptions) {
  /** As the caller reached it, or as a browser beside the server does. */
  const urlFor = ({ reachedAt }: CallContext): string => {
    const url = reachedAt() ?? ownUrl();
    if (url !== null) return url + basePrefix;
    const message = "this server listens on no TCP address that a browser could open; start it with --bind";
    throw new FleettyError("invalid_request", message);
  };
  return {
    "server.token": async () => ({ token: authority.rootToken.reveal() }),
    "server.token_rotate": async () => ({ token: authority.rotateRoot().reveal() }),
    "auth.ws_ticket": async (_: object, { caller }: CallContext) => ({
      ticket: authority.issueWsTicket(caller.credential),
    }),
    "auth.login_ticket": async (_: object, context: CallContext) => {
      const url = urlFor(context);
      const ticket = authority.issueLoginTicket(context.caller.credential);
      return { ticket, url: `${url}/ui#login=${ticket}`, expires_in_ms: LOGIN_TICKETS.lifeMs };
    },
    "auth.session": async ({ ticket }: OperationInput<"auth.session">, { attempt }: CallContext) => {
      const made = attempt(() => authority.exchange(ticket));
      if (made) return { token: made.token, ...described(made.credential) };
      throw new FleettyError("auth_required", "this login ticket is unknown, used or expired; make another one");
    },
    "auth.whoami": async (_: object, { caller }: CallContext) => described(caller.credential),
    "auth.session_end": async (_: object, { caller }: CallContext) => authority.endBrowserToken(caller.credential),
  };
}

function described({ facts }: Credential) {
  const { principal, kind, verbs, expiresAtMs, scope } = facts;
  const expires = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
  return {
    principal,
    kind,
    verbs: [...verbs].sort(),
    on: scope.on?.text ?? "*",
    tags: scope.tags,
    expires_at: expires,
  };
}
