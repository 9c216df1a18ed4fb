// The operations on sessions that a caller can ask. Faces, client, command line, OpenAPI and docs are loops over these rows.
import { operation } from "./operation.ts";
import { HOST, LEARNT, LEASE, LIVING, SERVER, SESSION, WAITS } from "./refusals.ts";

const schemas = () => import("../schemas/sessions.ts");
const starting = () => import("../schemas/starting.ts");

/** Refusals of every operation that types. */
const TYPING = [
  ...SESSION,
  "session_exited",
  ...LEASE,
  "screen_changed",
  "input_id_conflict",
  "input_in_doubt",
  "input_send_failed",
] as const;
/** A write may take this long in the terminal before it is refused (5 s), and the way there. */
const WRITE_DEADLINE_MS = 10_000;

export const create = operation({
  name: "sessions.create",
  summary: "Start a program on a terminal of its own.",
  http: "POST /sessions",
  status: 201,
  core: true,
  keyed: true,
  runs: "hub",
  verb: "create",
  audit: { members: ["name", "command", "argv", "preset", "tool", "cwd", "tags", "time_limit_ms", "idle_exit_ms"] },
  errors: [
    ...HOST,
    "invalid_session_name",
    "invalid_tag",
    "session_name_conflict",
    "server_cordoned",
    "invalid_selector",
    "no_servers",
    "no_eligible_server",
    "preset_not_found",
    LEARNT,
    "idempotency_conflict",
    "max_sessions_reached",
    "resource_limit_reached",
    "session_create_failed",
  ],
  deadlineMs: 30_000,
  cli: {
    command: "new",
    positional: ["name"],
    examples: [
      "fleetty new build",
      "fleetty new build --command 'make test' --tags ci",
      "fleetty new -- htop -d 10",
      "fleetty new build --server build-1",
      "fleetty new build --on @role=build",
      "fleetty new fix --preset claude --prompt-file task.md",
    ],
  },
  socket: ["create_session"],
  tool: {
    name: "create_session",
    isCore: true,
    hint: "Without command, argv or preset it is a shell, which `run` works in; server, on or tool say where it starts.",
  },
  schemas: async () => (await starting()).create,
});

export const list = operation({
  name: "sessions.list",
  summary: "List sessions.",
  http: "GET /sessions",
  core: true,
  runs: "fleet",
  verb: "observe",
  audit: "none",
  errors: [...SERVER, "invalid_selector", "invalid_cursor"],
  // Each server has its own deadline within it.
  deadlineMs: 40_000,
  cli: {
    command: "ls",
    examples: [
      "fleetty ls",
      "fleetty ls --tag ci,nightly --include exited",
      "fleetty ls --on '@role=build' --include unreachable",
      "fleetty ls --json",
    ],
  },
  socket: ["list_sessions"],
  tool: { name: "list_sessions", isCore: true },
  schemas: async () => (await schemas()).list,
});

export const get = operation({
  name: "sessions.get",
  summary: "Say what is known of one session.",
  http: "GET /sessions/{session}",
  core: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: SESSION,
  cli: { command: "show", positional: ["session"], examples: ["fleetty show build"] },
  tool: { name: "list_sessions", isCore: true },
  schemas: async () => (await schemas()).get,
});

export const update = operation({
  name: "sessions.update",
  summary: "Give a session another name or other tags, all of it or nothing.",
  http: "PATCH /sessions/{session}",
  core: true,
  runs: "session",
  verb: "create",
  audit: { members: ["name", "add_tags", "remove_tags"] },
  errors: [
    ...SESSION,
    LEARNT,
    "invalid_session_name",
    "invalid_tag",
    "session_name_conflict",
    "resource_limit_reached",
  ],
  deadlineMs: 15_000,
  cli: {
    command: "rename",
    positional: ["session", "name"],
    examples: ["fleetty rename build build-2"],
    also: [
      {
        command: "tag",
        summary: "Give sessions tags, or take tags from them.",
        positional: ["session"],
        examples: [
          "fleetty tag build +ci -old",
          "fleetty tag --tag nightly --add done --dry-run",
          "fleetty tag --on 'web-[1-3]' +old",
        ],
      },
    ],
  },
  socket: ["rename_session", "update_tags"],
  tool: { name: "manage_session", isCore: true },
  schemas: async () => (await schemas()).update,
});

export const kill = operation({
  name: "sessions.kill",
  summary: "End a session with all its processes; forget one that has ended.",
  http: "DELETE /sessions/{session}",
  status: 204,
  core: true,
  runs: "session",
  verb: "kill",
  audit: { members: ["grace_ms"] },
  errors: [...SESSION, "still_running", "resource_limit_reached"],
  deadlineMs: 45_000,
  cli: {
    command: "kill",
    positional: ["session"],
    examples: [
      "fleetty kill build",
      "fleetty kill web-1/build --grace-ms 5000",
      "fleetty kill --tag ci,nightly --dry-run",
      "fleetty kill --on @role=build --tag ci",
    ],
  },
  socket: ["kill_session"],
  tool: { name: "manage_session", isCore: true, isDestructive: true },
  schemas: async () => (await schemas()).kill,
});

export const input = operation({
  name: "sessions.input",
  summary: "Type bytes, exactly as they are; answered when the terminal has taken them all.",
  http: "POST /sessions/{session}/input",
  kind: "octets",
  octets: { body: "data" },
  core: true,
  runs: "session",
  verb: "input",
  audit: { members: [] },
  errors: TYPING,
  deadlineMs: WRITE_DEADLINE_MS,
  cli: {
    command: "send",
    positional: ["session", "data"],
    examples: [
      "fleetty send build 'make test' --enter",
      "printf 'y\\n' | fleetty send build",
      "fleetty send build y --if-epoch 8 --input-id answer-1",
    ],
  },
  socket: ["send_input"],
  tool: {
    name: "send_input",
    isCore: true,
    isDestructive: true,
    also: [
      { name: "run_command", isCore: true, isDestructive: true },
      { name: "send_and_read", isCore: true, isDestructive: true },
    ],
  },
  schemas: async () => (await schemas()).input,
});

export const keys = operation({
  name: "sessions.keys",
  summary: "Press keys by name, encoded for the modes that the program has set.",
  http: "POST /sessions/{session}/keys",
  runs: "session",
  verb: "input",
  audit: { members: [] },
  errors: [...TYPING, LEARNT, "invalid_key"],
  deadlineMs: WRITE_DEADLINE_MS,
  cli: {
    command: "keys",
    positional: ["session", "keys"],
    takesMany: true,
    examples: [
      "fleetty keys build Down Down Enter",
      "fleetty keys build Escape --text ':wq' Enter",
      "fleetty keys build C-c",
    ],
  },
  socket: ["keys"],
  tool: {
    name: "send_keys",
    isCore: true,
    isDestructive: true,
    also: [{ name: "send_and_read", isCore: true, isDestructive: true }],
  },
  schemas: async () => (await schemas()).keys,
});

export const paste = operation({
  name: "sessions.paste",
  summary: "Paste a text, in brackets where the program asked for them; refused where it would be cut or misread.",
  http: "POST /sessions/{session}/paste",
  runs: "session",
  verb: "input",
  audit: { members: ["bracketed", "enter"] },
  errors: [...TYPING, LEARNT, "paste_not_bracketed", "line_too_long", "secret_prompt"],
  deadlineMs: WRITE_DEADLINE_MS,
  cli: {
    command: "paste",
    positional: ["session", "text"],
    examples: ["fleetty paste build < script.sh", "fleetty paste build 'two words' --enter --bracketed require"],
  },
  socket: ["paste"],
  tool: { name: "paste", isDestructive: true },
  schemas: async () => (await schemas()).paste,
});

export const secret = operation({
  name: "sessions.secret",
  summary: "Type a secret, by its name or as it is, and only where the terminal reads one.",
  http: "POST /sessions/{session}/secret",
  blocks: true,
  runs: "session",
  verb: "secret",
  secretMember: "value",
  audit: { members: ["name"] },
  errors: [...TYPING, LEARNT, WAITS, "not_secret_prompt", "secret_not_found"],
  // A configured one is read meanwhile, for 10 s at most.
  deadlineMs: 2 * WRITE_DEADLINE_MS,
  cli: {
    command: "secret",
    positional: ["session"],
    examples: [
      "fleetty secret build --name sudo-web",
      "fleetty secret web-1/build --name sudo-web --wait-ms 10000",
      "fleetty secret build < one-time-code",
    ],
  },
  socket: ["secret"],
  tool: { name: "send_secret", isDestructive: true },
  schemas: async () => (await schemas()).secret,
});

export const resize = operation({
  name: "sessions.resize",
  summary: "Give a session another size.",
  http: "POST /sessions/{session}/resize",
  core: true,
  runs: "session",
  verb: "input",
  audit: { members: ["rows", "cols"] },
  errors: [...SESSION, "session_exited", ...LEASE],
  cli: { command: "resize", positional: ["session"], examples: ["fleetty resize build --rows 40 --cols 120"] },
  socket: ["resize"],
  tool: { name: "resize", isIdempotent: true },
  schemas: async () => (await schemas()).resize,
});

/** Signals that end or stop what they reach, whatever it is doing: to send one is to kill. */
const KILLING_SIGNALS = ["HUP", "KILL", "TERM", "STOP"].flatMap((name) => [name, `SIG${name}`]);

export const signal = operation({
  name: "sessions.signal",
  summary: "Send a signal to what is in the foreground of a session, or to all of its processes.",
  http: "POST /sessions/{session}/signal",
  runs: "session",
  verb: "input",
  verbException: { member: "signal", values: KILLING_SIGNALS, verb: "kill" },
  audit: { members: ["signal", "to"] },
  errors: LIVING,
  cli: {
    command: "signal",
    positional: ["session", "signal"],
    examples: [
      "fleetty signal build INT",
      "fleetty signal build TERM --to session",
      "fleetty signal --tag ci USR1 --dry-run",
      "fleetty signal --on 'web-[1-3]' INT",
    ],
  },
  socket: ["signal"],
  tool: { name: "signal", isDestructive: true },
  schemas: async () => (await schemas()).signal,
});
