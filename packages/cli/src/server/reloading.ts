// Reads the configuration again while a server runs, and has fleet and presets become what it says. Of all other settings nothing
// changes; but a file in which one of them cannot be used is refused as a whole.
import type { FleetConfig } from "@fleetty/hub/fleet/configured-fleet";
import type { Fleet, Reloaded } from "@fleetty/hub/fleet/fleet";
import { PinnedConnect } from "@fleetty/hub/fleet/pinned-connect";
import type { Presets } from "@fleetty/hub/presets/presets";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Logger } from "pino";
import type { ServerConfig } from "./config.ts";

export function fleetConfigOf({ fleet, plaintextLinks }: ServerConfig): FleetConfig {
  const { servers, shared, access, ca } = fleet;
  const connect = new PinnedConnect({ access, plaintext: plaintextLinks, ...(ca && { ca }) });
  return { servers, rules: { connect, shared } };
}

export interface ReloadingParts {
  /** As it would be if the server started now. */
  readonly read: () => ServerConfig;
  readonly fleet: Fleet;
  readonly presets: Presets;
  readonly log: Logger;
}

export class Reloading {
  readonly #parts: ReloadingParts;

  constructor(parts: ReloadingParts) {
    this.#parts = parts;
  }

  /** Throws `no_config` without a file, and what is wrong with it; then everything stays as it was. */
  async reload(): Promise<Reloaded> {
    const { read, fleet, presets, log } = this.#parts;
    const config = read();
    const { file } = config;
    if (file === null) {
      const message = `there is no configuration file at ${config.paths.configFile}; write it, then ask again`;
      throw new FleettyError("no_config", message);
    }
    const reloaded = await fleet.reload(fleetConfigOf(config));
    presets.use(config.presets);
    log.info({ file, ...reloaded }, "the servers of the configuration file were read again");
    return reloaded;
  }

  /** For whoever cannot be answered. Where there is no file, there is nothing to read. */
  async reloadUnasked(): Promise<void> {
    try {
      await this.reload();
    } catch (err) {
      if (err instanceof FleettyError && err.code === "no_config") return;
      this.#parts.log.error({ err }, "the configuration file cannot be used; what it said before stays");
    }
  }
}
