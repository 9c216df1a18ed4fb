// Says what `connect` takes. Knows no transport.

interface CommonOptions {
  /**
   * Whether inputs are checked by the operation's schema before they are sent, so that a misspelt member is refused even
   * where the server must ignore it. Default true; schemas are loaded by the first call that has members beyond the path.
   */
  readonly checkInputs?: boolean | undefined;
}

/** A server on this machine, over its unix socket: no token, acts with all verbs. Node only. */
export interface SocketOptions extends CommonOptions {
  /** Absolute path of the socket, such as `$XDG_RUNTIME_DIR/fleetty/default.http.sock`. */
  readonly socket: string;
}

/** A server over HTTP or HTTPS. */
export interface UrlOptions extends CommonOptions {
  /** `http://host:port` or `https://…`, with the server's base prefix if it has one. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Certificates to trust instead of the system's, in PEM. Node only. */
  readonly ca?: string | undefined;
}

export type ConnectOptions = SocketOptions | UrlOptions;
