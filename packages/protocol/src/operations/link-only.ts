// The rows that only a link carries: what a hub asks of a worker and a worker of a session host beyond the public table.
import { operation } from "./operation.ts";
import { LEARNT } from "./refusals.ts";

const sessions = () => import("../schemas/sessions.ts");
const starting = () => import("../schemas/starting.ts");
const streams = () => import("../schemas/streams.ts");
const server = () => import("../schemas/server.ts");
const servers = () => import("../schemas/servers.ts");

export const start = operation({
  name: "sessions.start",
  summary: "Create the session that the hub has decided on (hub to worker).",
  runs: "server",
  verb: "create",
  audit: "none",
  errors: [
    "invalid_session_name",
    "invalid_tag",
    "session_name_conflict",
    "max_sessions_reached",
    "session_create_failed",
  ],
  deadlineMs: 30_000,
  schemas: async () => (await starting()).start,
});

export const spawn = operation({
  name: "sessions.spawn",
  summary: "Start the program of a session (worker to session host).",
  runs: "host",
  verb: "create",
  audit: "none",
  errors: ["session_create_failed", "invalid_request"],
  deadlineMs: 20_000,
  schemas: async () => (await starting()).spawn,
});

export const label = operation({
  name: "sessions.label",
  summary: "Take another name or other tags, which the worker has found to be free (worker to session host).",
  runs: "host",
  verb: "create",
  audit: "none",
  errors: ["session_not_found", "session_exited", "invalid_tag"],
  deadlineMs: 15_000,
  schemas: async () => (await sessions()).label,
});

export const typeSecret = operation({
  name: "sessions.type_secret",
  summary: "Type this secret once the terminal reads one (worker to session host).",
  blocks: true,
  runs: "host",
  verb: "secret",
  secretMember: "value",
  audit: "none",
  errors: ["session_not_found", "session_exited", "not_secret_prompt", "input_send_failed"],
  schemas: async () => (await sessions()).typeSecret,
});

export const end = operation({
  name: "sessions.end",
  summary: "End every process of a session (worker to session host).",
  runs: "host",
  verb: "kill",
  audit: "none",
  errors: ["session_not_found", "still_running"],
  deadlineMs: 45_000,
  schemas: async () => (await sessions()).end,
});

export const snapshot = operation({
  name: "sessions.snapshot",
  summary: "Repaint a session's screen as terminal bytes.",
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: ["session_not_found", "parser_unavailable"],
  schemas: async () => (await sessions()).snapshot,
});

export const stream = operation({
  name: "sessions.stream",
  summary: "Open the one output stream of a session on this link.",
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: ["session_not_found", "session_exited"],
  schemas: async () => (await streams()).stream,
});

export const inputOpen = operation({
  name: "sessions.input_open",
  summary: "Open a channel of numbered inputs.",
  runs: "session",
  verb: "input",
  audit: "none",
  errors: ["session_not_found", "session_exited"],
  schemas: async () => (await streams()).inputOpen,
});

export const notices = operation({
  name: "sessions.notices",
  summary: "Wait for what passes in a session and is kept nowhere: keystrokes, changes of elements, wishes, commands.",
  runs: "session",
  verb: "observe",
  blocks: true,
  audit: "none",
  errors: ["session_not_found", LEARNT],
  schemas: async () => (await import("../schemas/notices.ts")).sessionNotices,
});

export const batch = operation({
  name: "sessions.batch_update",
  summary: "Change spans and texts at places of one overlay or panel, all of it or nothing.",
  runs: "session",
  verb: "input",
  core: true,
  audit: { members: ["id"] },
  errors: ["session_not_found", "session_exited", LEARNT, "overlay_not_found", "panel_not_found", "invalid_overlay"],
  socket: ["batch_update"],
  schemas: async () => (await import("../schemas/elements.ts")).elements.batch,
});

export const workerStatus = operation({
  name: "worker.status",
  summary: "Say how the worker's session hosts are, and what is not as it should be.",
  runs: "server",
  verb: "any",
  audit: "none",
  errors: [],
  schemas: async () => (await server()).workerStatus,
});

export const workerJournal = operation({
  name: "worker.journal",
  summary: "Tell what has happened to the worker's sessions after a given number, for a hub that was away.",
  runs: "server",
  verb: "observe",
  audit: "none",
  errors: [],
  schemas: async () => (await server()).workerJournal,
});

export const workerCapabilities = operation({
  name: "worker.capabilities",
  summary: "Say what the worker's machine has to offer its sessions.",
  runs: "server",
  verb: "observe",
  audit: "none",
  errors: [],
  schemas: async () => (await servers()).workerCapabilities,
});

export const retire = operation({
  name: "host.retire",
  summary: "Take no new sessions and exit with the last one.",
  runs: "host",
  verb: "admin",
  audit: "none",
  errors: [],
  schemas: async () => (await server()).retire,
});

export const endHost = operation({
  name: "host.end",
  summary: "End every session of this host, then exit.",
  runs: "host",
  verb: "admin",
  audit: "none",
  errors: ["still_running"],
  deadlineMs: 45_000,
  schemas: async () => (await server()).endHost,
});
