// Holds the refusals that many operations have in common.

/** Of every operation that a server is asked for. */
export const SERVER = ["server_not_found", "server_unavailable", "server_timeout"] as const;
/** Of those that a session host is asked for. */
export const HOST = [...SERVER, "channel_full"] as const;
/** Of every operation on one session. */
export const SESSION = [...HOST, "session_not_found", "session_ambiguous"] as const;
/** An answer that is longer than a link carries: a very large screen in which no two cells are alike. */
export const TOO_LONG = "resource_limit_reached";
/** Of what may wait: the caller waits for too much already. */
export const WAITS = "resource_limit_reached";
/** Of those that a session host has learnt since its first release: an older one may be holding the session. */
export const LEARNT = "unsupported";
/** Of what a session has as long as it lives, and has had since some later release of its host. */
export const LIVING = [...SESSION, LEARNT, "session_exited"] as const;
/** Of everything that writes to a session. */
export const LEASE = ["lease_held", "lease_lost"] as const;
/** Of upgrades to a WebSocket. */
export const UPGRADE = ["resource_limit_reached", "upgrade_required", "not_ready"] as const;
