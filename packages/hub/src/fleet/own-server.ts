// This server as its members meet it: who it is, and the key that proves it.
import type { ServerKey } from "@fleetty/carrier/server-key";

export interface OwnServer {
  /** Lasting. */
  readonly id: string;
  /** New at each start. */
  readonly startId: string;
  readonly hostname: string;
  readonly key: ServerKey;
}
