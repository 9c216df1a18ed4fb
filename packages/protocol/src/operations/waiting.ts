// The operations that wait: for one session, and for many of the fleet. What they wait for is decided where a session is.
import { operation } from "./operation.ts";
import { LEARNT, LEASE, SESSION, TOO_LONG } from "./refusals.ts";

const schemas = () => import("../schemas/waiting.ts");
const running = () => import("../schemas/running.ts");

export const idle = operation({
  name: "sessions.idle",
  summary: "Wait until a session has been quiet for a while. Silence is never completion: see wait.",
  http: "GET /sessions/{session}/idle",
  aliases: ["/sessions/{session}/quiesce"],
  core: true,
  blocks: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, TOO_LONG, "parser_unavailable", "idle_timeout", "invalid_format"],
  cli: { command: "idle", positional: ["session"], examples: ["fleetty idle build --timeout-ms 2000"] },
  socket: ["await_idle", "await_quiesce"],
  tool: {
    name: "await_idle",
    isCore: true,
    also: [
      { name: "run_command", isCore: true },
      { name: "send_and_read", isCore: true },
    ],
  },
  schemas: async () => (await schemas()).idle,
});

export const wait = operation({
  name: "sessions.wait",
  summary: "Wait for a session: its end, that of a command, what it wants, a pattern, quiet; says which, and how sure.",
  http: "POST /sessions/{session}/wait",
  blocks: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, TOO_LONG, "invalid_pattern", "command_not_found"],
  cli: {
    command: "wait",
    positional: ["session"],
    examples: [
      "fleetty wait build",
      "fleetty wait build --attention needs_input,needs_secret",
      "fleetty wait build --pattern 'BUILD (SUCCESS|FAILURE)' --max-wait-ms 300000",
    ],
  },
  socket: ["wait"],
  tool: {
    name: "wait",
    hint: "since: the answer of `send_input` or `send_keys`, and nothing between is missed. reason timeout is no failure.",
  },
  schemas: async () => (await schemas()).wait,
});

export const run = operation({
  name: "sessions.run",
  summary: "Run a command in a session's shell: its own output and exit code, or the question that it stops at.",
  http: "POST /sessions/{session}/run",
  blocks: true,
  runs: "session",
  verb: "input",
  // A command may hold what nobody else is to read, as all that is typed may.
  audit: { members: ["resume"] },
  errors: [
    ...SESSION,
    TOO_LONG,
    LEARNT,
    "session_exited",
    ...LEASE,
    "screen_changed",
    "input_id_conflict",
    "input_in_doubt",
    "input_send_failed",
    "session_busy",
    "not_a_shell",
    "line_too_long",
    "command_not_found",
  ],
  cli: {
    command: "run",
    positional: ["session", "command"],
    examples: [
      "fleetty run build 'make test'",
      "fleetty run web-1/build 'git rev-parse HEAD' --json",
      "fleetty run build --resume cmd_01K3ZF6H8K0N2Q4S6V8X0Z2B4D",
    ],
  },
  socket: ["run"],
  tool: {
    name: "run",
    isDestructive: true,
    hint:
      "reason timeout: it goes on; ask again with resume, the command of the answer. What fills the screen (editor, pager) " +
      "is needs_input without output: read it by `get_screen`, press keys by `send_keys`.",
  },
  schemas: async () => (await running()).run,
});

export const explain = operation({
  name: "sessions.explain",
  summary: "Say what a session wants, and how that is known.",
  http: "GET /sessions/{session}/explain",
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, LEARNT],
  cli: { command: "explain", positional: ["session"], examples: ["fleetty explain build"] },
  socket: ["explain"],
  tool: { name: "explain" },
  schemas: async () => (await running()).explain,
});

export const idleAny = operation({
  name: "sessions.idle_any",
  summary: "Wait for the first session that is quiet, of the whole fleet or a part of it; each settled one once.",
  http: "GET /idle",
  aliases: ["/quiesce"],
  core: true,
  blocks: true,
  runs: "fleet",
  verb: "observe",
  audit: "none",
  errors: [
    "server_not_found",
    "server_unavailable",
    TOO_LONG,
    "idle_timeout",
    "no_sessions",
    "invalid_format",
    "invalid_selector",
    "invalid_cursor",
  ],
  cli: {
    command: "idle",
    isForFleet: true,
    examples: ["fleetty idle --timeout-ms 2000 --tag ci", "fleetty idle --timeout-ms 2000 --on 'web-[1-3]' --json"],
  },
  socket: ["await_idle_any"],
  tool: { name: "await_idle", isCore: true },
  schemas: async () => (await schemas()).idleAny,
});

export const waitAll = operation({
  name: "fleet.wait",
  summary: "Wait for many sessions at once, wherever they are: for the next that something happens to, or for all.",
  http: "POST /wait",
  blocks: true,
  runs: "fleet",
  verb: "observe",
  audit: "none",
  errors: [
    "no_sessions",
    "invalid_selector",
    "invalid_pattern",
    "invalid_cursor",
    "server_not_found",
    "resource_limit_reached",
  ],
  cli: {
    command: "wait",
    isForFleet: true,
    examples: ["fleetty wait --tag ci --all", "fleetty wait --on '@role=build' --pattern 'BUILD (SUCCESS|FAILURE)'"],
  },
  socket: ["wait_fleet"],
  tool: { name: "wait_fleet" },
  schemas: async () => (await schemas()).waitAll,
});
