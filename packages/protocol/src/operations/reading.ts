// The operations that read what a session shows and has printed, once or live.
import { operation } from "./operation.ts";
import { LEARNT, SESSION, TOO_LONG, UPGRADE } from "./refusals.ts";

const schemas = () => import("../schemas/sessions.ts");

export const readScreen = operation({
  name: "sessions.screen",
  summary: "Read a session's screen as it is now.",
  http: "GET /sessions/{session}/screen",
  core: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, TOO_LONG, "parser_unavailable", "invalid_format"],
  cli: {
    command: "screen",
    positional: ["session"],
    examples: ["fleetty screen build", "fleetty screen build --json --since-epoch 7"],
  },
  socket: ["get_screen"],
  tool: { name: "get_screen", isCore: true },
  schemas: async () => (await schemas()).readScreen,
});

export const scrollback = operation({
  name: "sessions.scrollback",
  summary: "Read the lines of a session, those that have left the screen among them.",
  http: "GET /sessions/{session}/scrollback",
  core: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, LEARNT, "parser_unavailable", "invalid_format"],
  cli: {
    command: "scrollback",
    positional: ["session"],
    examples: ["fleetty scrollback build", "fleetty scrollback build --offset -200 --json"],
  },
  socket: ["get_scrollback"],
  tool: { name: "get_scrollback", isCore: true },
  schemas: async () => (await schemas()).scrollback,
});

export const output = operation({
  name: "sessions.output",
  summary: "Read what a session printed, by byte offset.",
  http: "GET /sessions/{session}/output",
  octets: { answer: "data" },
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, "invalid_format", "command_not_found"],
  cli: {
    command: "output",
    positional: ["session"],
    examples: ["fleetty output build", "fleetty output build --from -2000", "fleetty output build --raw > build.bytes"],
  },
  socket: ["get_output"],
  tool: { name: "get_output", hint: "from -4000 is its end; command is what one command printed." },
  schemas: async () => (await schemas()).output,
});

export const watch = operation({
  name: "sessions.watch",
  summary: "Watch a session live and type into it: over a WebSocket, its raw output plain or as fleetty.stream.v1.",
  http: "GET /sessions/{session}/ws/raw",
  kind: "stream",
  status: 101,
  core: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, "session_exited", ...UPGRADE],
  cli: {
    command: "attach",
    positional: ["session"],
    examples: ["fleetty attach build", "fleetty attach build --readonly", "fleetty attach build --take-over"],
  },
  schemas: async () => (await import("../schemas/streams.ts")).watch,
});

export const detach = operation({
  name: "sessions.detach",
  summary: "Send away whoever is attached to a session; other viewers stay.",
  http: "POST /sessions/{session}/detach",
  status: 204,
  core: true,
  runs: "session",
  verb: "kill",
  audit: { members: [] },
  errors: SESSION,
  cli: { command: "detach", positional: ["session"], examples: ["fleetty detach build"] },
  socket: ["detach_session"],
  tool: { name: "manage_session", isCore: true },
  schemas: async () => (await schemas()).detach,
});
