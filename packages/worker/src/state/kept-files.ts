// Holds the small files that a server keeps for its whole life: its id, its root token, its own key, and the one that seals
// what it stores of others. Made once, mode 0600.
import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync, type Stats } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import { isId, makeId } from "@fleetty/protocol/ids";
import { Secret } from "@fleetty/protocol/secret";
import { writeFileAtomicallySync } from "./atomic-file.ts";

/** A root token that somebody brings has at least this length (public contract). */
export const TOKEN_MIN_CHARACTERS = 16;

/** The server's lasting id. */
export function keptServerId(path: string): string {
  const id = readOrMake(path, () => makeId("srv")).trim();
  if (isId("srv", id)) return id;
  throw new FleettyError("invalid_request", `${path} does not hold a server id; restore it or remove it`, {
    field: "id",
  });
}

/** The root token of this server: 256 random bits at first. */
export function keptRootToken(path: string): Secret {
  readOrMake(path, randomToken);
  return readToken(path);
}

/** Puts another root token in the place of the kept one; it is on the disk when this returns. */
export function renewRootToken(path: string): Secret {
  writeFileAtomicallySync(path, `${randomToken()}\n`);
  return readToken(path);
}

/** A token from a file. Refused when others may read the file, or when it is too short to be one. */
export function readToken(path: string): Secret {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats || stats.isDirectory()) {
    const fact = stats ? "is a folder" : "is not there";
    throw new FleettyError("invalid_request", `token file ${path} ${fact}; name one that holds the token`, {
      field: "token_file",
    });
  }
  refuseOpen(`token file ${path}`, stats);
  const token = readFileSync(path, "utf8").trim();
  if (token.length >= TOKEN_MIN_CHARACTERS) return new Secret(token);
  const message = `token file ${path} holds fewer than ${TOKEN_MIN_CHARACTERS} characters; put a longer token in it`;
  throw new FleettyError("invalid_request", message, { field: "token_file" });
}

/** The key under which tokens of other servers and secrets are stored: 32 bytes in base64url. A spoilt one is refused, not replaced. */
export function keptKey(path: string): Secret {
  readOrMake(path, randomToken);
  refuseOpen(`key file ${path}`, lstatSync(path));
  const key = readFileSync(path, "utf8").trim();
  if (/^[\w-]{43}$/.test(key)) return new Secret(key);
  const message = `key file ${path} does not hold a key; restore it, or remove it and set all tokens of servers and all secrets again`;
  throw new FleettyError("invalid_request", message, { field: "secret_key" });
}

/** The key by which other servers know this one: whatever `make` gives at first. */
export function keptServerKey(path: string, make: () => string): string {
  const text = readOrMake(path, make);
  refuseOpen(`key file ${path}`, lstatSync(path));
  return text;
}

function refuseOpen(called: string, stats: Stats): void {
  if ((stats.mode & 0o077) === 0) return;
  throw new FleettyError("forbidden", `${called} is open to others; chmod 600 it`, { reason: "not_private" });
}

function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

function readOrMake(path: string, make: () => string): string {
  if (!lstatSync(path, { throwIfNoEntry: false })) writeFileAtomicallySync(path, `${make()}\n`);
  return readFileSync(path, "utf8");
}
