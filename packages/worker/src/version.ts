// Holds the version of this program, read from its package.
import packageJson from "../package.json" with { type: "json" };

export const FLEETTY_VERSION: string = packageJson.version;
