// The operations on the lease of a session: the right to write to it for oneself alone.
import { operation } from "./operation.ts";
import { LEASE, LIVING, WAITS } from "./refusals.ts";

const schemas = () => import("../schemas/leases.ts");

export const lease = operation({
  name: "sessions.lease",
  summary: "Get the right to write to a session for yourself alone, renew it, or take it over.",
  http: "POST /sessions/{session}/lease",
  status: 201,
  statusException: { member: "lease", status: 200 },
  runs: "session",
  verb: "input",
  audit: { members: ["kind", "take_over", "ttl_ms"] },
  errors: [...LIVING, ...LEASE, WAITS],
  blocks: true,
  cli: {
    command: "lease",
    positional: ["session"],
    examples: [
      "fleetty lease build",
      "fleetty lease build --take-over --ttl-ms 60000",
      "fleetty lease build --lease lea_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
      "fleetty lease build --release --lease lea_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
    ],
  },
  socket: ["lease"],
  tool: { name: "lease" },
  schemas: async () => (await schemas()).lease,
});

export const leaseRelease = operation({
  name: "sessions.lease_release",
  summary: "Give the right to write to a session back.",
  http: "DELETE /sessions/{session}/lease",
  status: 204,
  runs: "session",
  verb: "input",
  audit: { members: [] },
  errors: [...LIVING, "lease_held"],
  cli: {
    command: "release",
    positional: ["session"],
    examples: ["fleetty release build --lease lea_01K3Z8Q4T6V9X2B5N7M0R1S3WD"],
  },
  socket: ["release_lease"],
  tool: { name: "lease" },
  schemas: async () => (await schemas()).leaseRelease,
});
