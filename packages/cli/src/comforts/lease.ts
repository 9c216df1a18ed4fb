// `lease`: prints the id of the lease and nothing else, so that it can go into a variable; `--release` gives it back.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";

export const comfort: Comfort = {
  extras: [{ flag: "--release", value: null, says: "give the lease back that --lease names" }],
  notes: [
    "Prints its id, which send, keys, paste and resize take as --lease. While somebody has it, nobody else can write to the",
    "session; watching, signals and killing need none. It ends by itself: --lease renews it.",
  ],
  run: async ({ members, extras, globals }, client, signal) => {
    const input = members as OperationInput<"sessions.lease">;
    if (extras["--release"] === true) {
      const { session, server, lease } = input;
      if (lease === undefined) throw new FleettyError("invalid_request", "say which with --lease");
      await client.sessions.lease_release({ session, server, lease }, { signal });
      return 0;
    }
    const held = await client.sessions.lease(input, { signal });
    await (globals.json ? printJson(held) : writeOut(`${held.id}\n`));
    return 0;
  },
};
