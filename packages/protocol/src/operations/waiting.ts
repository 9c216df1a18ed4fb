// The operations that wait for a session. What they wait for is decided where the session is.
import { operation } from "./operation.ts";
import { SESSION, TOO_LONG } from "./refusals.ts";

const schemas = () => import("../schemas/waiting.ts");

export const idle = operation({
  name: "sessions.idle",
  summary: "Wait until a session has been quiet for a while. Silence is never completion: see wait.",
  http: "GET /sessions/{session}/idle",
  core: true,
  blocks: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, TOO_LONG, "parser_unavailable", "idle_timeout", "invalid_format"],
  cli: { command: "idle", positional: ["session"], examples: ["fleetty idle build --timeout-ms 2000"] },
  schemas: async () => (await schemas()).idle,
});

export const wait = operation({
  name: "sessions.wait",
  summary: "Wait until a session has ended, printed a pattern or been quiet; says which, and how sure that is.",
  http: "POST /sessions/{session}/wait",
  blocks: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, TOO_LONG, "invalid_pattern"],
  cli: {
    command: "wait",
    positional: ["session"],
    examples: ["fleetty wait build", "fleetty wait build --pattern 'BUILD (SUCCESS|FAILURE)' --max-wait-ms 300000"],
  },
  schemas: async () => (await schemas()).wait,
});
