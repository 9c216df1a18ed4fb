// Decides who a request comes from and whether it may be heard at all: the name it was made to, the page it was made from,
// the credential it carries. Knows no operation; what a caller may do is for the hub to say.
import { isIP } from "node:net";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Secret } from "@fleetty/protocol/secret";
import type { Caller } from "../calls.ts";

/** What of a request decides. */
export interface RequestFacts {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  readonly remoteAddress: string | undefined;
  /** Face for the audit: `http` or `ws`. */
  readonly face: string;
}

export interface Admission {
  /** Throws `host_not_allowed` or `origin_not_allowed`; before any credential is looked at. */
  checkSource(facts: RequestFacts): void;
  /** Throws `auth_required` or `auth_invalid`. */
  callerOf(facts: RequestFacts): Caller;
}

const EVERYTHING: Caller["verbs"] = new Set(["admin"]);

/** Whoever can open the socket is its user: no token, all verbs. A page cannot open it, so an Origin never passes. */
export const unixAdmission: Admission = {
  checkSource: ({ origin }) => {
    if (origin !== undefined) throw foreignOrigin(origin);
  },
  callerOf: ({ face }) => ({
    actor: { principal: "local", kind: "human", face },
    verbs: EVERYTHING,
    transport: "unix",
  }),
};

export interface TcpAdmissionOptions {
  readonly token: Secret;
  readonly hostname: string;
}

/** TCP always wants the token, on loopback too; and a name that a page of a stranger cannot point here. */
export class TcpAdmission implements Admission {
  readonly #options: TcpAdmissionOptions;

  constructor(options: TcpAdmissionOptions) {
    this.#options = options;
  }

  checkSource({ host, origin }: RequestFacts): void {
    if (host === undefined || !this.#isOwnName(nameOf(host))) {
      const message = `this server is not called ${JSON.stringify(host ?? "")}; use its address, localhost or its hostname`;
      throw new FleettyError("host_not_allowed", message);
    }
    if (origin !== undefined && origin !== `http://${host}`) throw foreignOrigin(origin);
  }

  callerOf({ authorization, remoteAddress, face }: RequestFacts): Caller {
    if (authorization === undefined) {
      throw new FleettyError(
        "auth_required",
        "a token is needed; send it as Authorization: Bearer …, never in the URL",
      );
    }
    const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (token === undefined || !this.#options.token.equals(token)) {
      throw new FleettyError("auth_invalid", "this token is not valid here; look in the server's state folder");
    }
    const address = remoteAddress === undefined ? {} : { address: remoteAddress };
    return { actor: { principal: "root", kind: "human", face, ...address }, verbs: EVERYTHING, transport: "tcp" };
  }

  /** A rebinding attack always arrives under a name of the attacker's, so addresses are safe. */
  #isOwnName(name: string): boolean {
    return isIP(name) !== 0 || name === "localhost" || name === this.#options.hostname.toLowerCase();
  }
}

/** Without port and brackets. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}

function foreignOrigin(origin: string): FleettyError {
  return new FleettyError(
    "origin_not_allowed",
    `pages of ${JSON.stringify(origin.slice(0, 200))} may not speak to this server`,
  );
}
