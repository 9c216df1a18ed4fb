// This server as its members meet it: who it is, the key that proves it, and how long it believes in a link on which nothing comes.
import type { ServerKey } from "@fleetty/carrier/server-key";

export interface OwnServer {
  /** Lasting. */
  readonly id: string;
  /** New at each start. */
  readonly startId: string;
  readonly hostname: string;
  readonly key: ServerKey;
  /** Silence after which the link to a member is given up, ms. */
  readonly lostAfterMs: number;
}
