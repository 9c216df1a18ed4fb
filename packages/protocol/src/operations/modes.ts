// The operations on a session's modes: where the keystrokes of attach clients go, which element has the focus, and which of its
// two screens is meant.
import { operation } from "./operation.ts";
import { LIVING } from "./refusals.ts";

const schemas = async () => (await import("../schemas/elements.ts")).elements;

const reading = { core: true, runs: "session", verb: "observe", audit: "none", errors: LIVING } as const;
const changing = { core: true, status: 204, runs: "session", verb: "input", audit: { members: [] } } as const;

export const inputMode = operation({
  ...reading,
  name: "sessions.input_mode",
  summary: "Say whether keystrokes of attach clients go to the program.",
  http: "GET /sessions/{session}/input/mode",
  cli: { command: "input mode", positional: ["session"], examples: ["fleetty input mode build"] },
  socket: ["get_input_mode"],
  tool: { name: "input_mode", isCore: true },
  schemas: async () => (await schemas()).inputMode,
});

export const capture = operation({
  ...changing,
  name: "sessions.capture",
  summary: "Have keystrokes of attach clients told to those who listen, and kept from the program.",
  http: "POST /sessions/{session}/input/capture",
  errors: LIVING,
  cli: { command: "input capture", positional: ["session"], examples: ["fleetty input capture build"] },
  socket: ["capture_input"],
  tool: { name: "input_mode", isCore: true },
  schemas: async () => (await schemas()).ofAll,
});

export const release = operation({
  ...changing,
  name: "sessions.release",
  summary: "Have keystrokes of attach clients go to the program again; no element has the focus then.",
  http: "POST /sessions/{session}/input/release",
  errors: LIVING,
  cli: { command: "input release", positional: ["session"], examples: ["fleetty input release build"] },
  socket: ["release_input"],
  tool: { name: "input_mode", isCore: true },
  schemas: async () => (await schemas()).ofAll,
});

export const focusGet = operation({
  ...reading,
  name: "sessions.focus_get",
  summary: "Say which overlay or panel has the focus.",
  http: "GET /sessions/{session}/input/focus",
  cli: { command: "input focused", positional: ["session"], examples: ["fleetty input focused build"] },
  socket: ["get_focus"],
  tool: { name: "input_mode", isCore: true },
  schemas: async () => (await schemas()).focusGet,
});

export const focus = operation({
  ...changing,
  name: "sessions.focus",
  summary: "Give the focus to an overlay or panel: keystrokes are told as meant for it.",
  http: "POST /sessions/{session}/input/focus",
  audit: { members: ["id"] },
  errors: [...LIVING, "not_focusable"],
  cli: {
    command: "input focus",
    positional: ["session", "id"],
    examples: ["fleetty input focus build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b"],
  },
  socket: ["focus"],
  tool: { name: "input_mode", isCore: true },
  schemas: async () => (await schemas()).focus,
});

export const unfocus = operation({
  ...changing,
  name: "sessions.unfocus",
  summary: "Take the focus from whatever has it.",
  http: "POST /sessions/{session}/input/unfocus",
  errors: LIVING,
  cli: { command: "input unfocus", positional: ["session"], examples: ["fleetty input unfocus build"] },
  socket: ["unfocus"],
  tool: { name: "input_mode", isCore: true },
  schemas: async () => (await schemas()).ofAll,
});

export const screenMode = operation({
  ...reading,
  name: "sessions.screen_mode",
  summary: "Say which of its two screens a session is on: overlays and panels belong to one of them.",
  http: "GET /sessions/{session}/screen_mode",
  cli: { command: "screen-mode show", positional: ["session"], examples: ["fleetty screen-mode show build"] },
  socket: ["get_screen_mode"],
  tool: { name: "screen_mode", isCore: true },
  schemas: async () => (await schemas()).screenMode,
});

export const enterAlt = operation({
  ...changing,
  name: "sessions.enter_alt",
  summary: "Go to the alt screen mode, with overlays and panels of its own; nothing is written to the program.",
  http: "POST /sessions/{session}/screen_mode/enter_alt",
  errors: [...LIVING, "already_in_alt_screen"],
  cli: { command: "screen-mode alt", positional: ["session"], examples: ["fleetty screen-mode alt build"] },
  socket: ["enter_alt_screen"],
  tool: { name: "screen_mode", isCore: true },
  schemas: async () => (await schemas()).ofAll,
});

export const exitAlt = operation({
  ...changing,
  name: "sessions.exit_alt",
  summary: "Leave the alt screen mode, and take away the overlays and panels that belong to it.",
  http: "POST /sessions/{session}/screen_mode/exit_alt",
  errors: [...LIVING, "not_in_alt_screen"],
  cli: { command: "screen-mode normal", positional: ["session"], examples: ["fleetty screen-mode normal build"] },
  socket: ["exit_alt_screen"],
  tool: { name: "screen_mode", isCore: true },
  schemas: async () => (await schemas()).ofAll,
});
