// Says on standard output, for whoever starts a server, that it runs and what to do next. Never shows a token.

export interface WelcomeFacts {
  readonly version: string;
  readonly instance: string;
  readonly socket: string;
  /** Whether commands have to be told of the socket. */
  readonly isSocketChosen: boolean;
  /** `http://127.0.0.1:7337/base`, one for each bind. */
  readonly urls: readonly string[];
  /** Where the root token is; null where none is wanted. */
  readonly tokenFrom: string | null;
  /** Binds on which tokens travel in the clear. */
  readonly plaintextBinds: readonly string[];
  readonly adopted: number;
}

export function welcome(facts: WelcomeFacts): string {
  const { version, instance, socket, urls, tokenFrom, plaintextBinds, adopted } = facts;
  const options = facts.isSocketChosen ? ` --socket ${socket}` : "";
  const fleetty = instance === "default" ? `npx fleetty${options}` : `npx fleetty -L ${instance}${options}`;
  const lines = [
    `fleetty ${version} is ready${adopted > 0 ? `, with ${count(adopted, "session")} that lived on` : ""}.`,
    "",
    `  socket  ${socket} (no token; yours alone)`,
    ...urls.map(
      (url) =>
        `  http    ${url} (${tokenFrom === null ? "no token: every program here may" : `token from ${tokenFrom}`})`,
    ),
    ...plaintextBinds.map(
      (host) => `  WARNING ${host} is not encrypted: whoever is on the way reads the token; see --tls-cert`,
    ),
    "",
    "From a second terminal:",
    "",
    `  ${fleetty} new build                     # a session with your shell`,
    `  ${fleetty} send build 'echo hello' --enter`,
    `  ${fleetty} screen build                  # what it shows`,
    `  ${fleetty} attach build                  # be there (Ctrl-\\ twice to leave)`,
    "",
    "Ctrl-C stops the server; sessions live on and are found again by the next one.",
    "",
  ];
  return lines.join("\n");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
