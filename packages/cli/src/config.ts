// Reads what the command line takes from its environment: the one place that does. Decides nothing.

/** What the environment says, as it stands. Empty values count as absent. */
export interface Environment {
  /** FLEETTY_URL: the server to speak to, unless the command says another. */
  readonly url: string | undefined;
  /** FLEETTY_TOKEN: the token for it. */
  readonly token: string | undefined;
  /** XDG_RUNTIME_DIR: where sockets lie. */
  readonly runtimeHome: string | undefined;
  /** XDG_STATE_HOME: where lasting files lie. */
  readonly stateHome: string | undefined;
  readonly home: string;
}

/** FLEETTY_REPORT: by which what is reported is believed; only programs of a session have it. */
export function readReporting(): { readonly nonce: string | undefined } {
  return { nonce: process.env["FLEETTY_REPORT"] || undefined };
}

export function readEnvironment(): Environment {
  const { env } = process;
  return {
    url: env["FLEETTY_URL"] || undefined,
    token: env["FLEETTY_TOKEN"] || undefined,
    runtimeHome: env["XDG_RUNTIME_DIR"] || undefined,
    stateHome: env["XDG_STATE_HOME"] || undefined,
    home: env["HOME"] || "/",
  };
}
