// The operations on what is painted on a session's screen beside what its program prints: overlays above it, panels that take
// rows from it. Overlays and panels are asked for in the same words.
import { operation } from "./operation.ts";
import { LIVING } from "./refusals.ts";

const schemas = async () => (await import("../schemas/elements.ts")).elements;

const reading = { core: true, runs: "session", verb: "observe", audit: "none" } as const;
const changing = { core: true, runs: "session", verb: "input", audit: { members: [] } } as const;
const changingOne = { ...changing, status: 204, audit: { members: ["id"] } } as const;
const making = { ...changing, status: 201 } as const;

export const overlayList = operation({
  ...reading,
  name: "sessions.overlays.list",
  summary: "List the overlays of the present screen mode, lowest first.",
  http: "GET /sessions/{session}/overlay",
  errors: LIVING,
  cli: { command: "overlay ls", positional: ["session"], examples: ["fleetty overlay ls build"] },
  socket: ["list_overlays"],
  tool: { name: "overlay", isCore: true },
  schemas: async () => (await schemas()).overlays.list,
});

export const overlayCreate = operation({
  ...making,
  name: "sessions.overlays.create",
  summary: "Paint an overlay above the screen, in the present screen mode; the program never sees it.",
  http: "POST /sessions/{session}/overlay",
  errors: [...LIVING, "resource_limit_reached"],
  cli: {
    command: "overlay new",
    positional: ["session"],
    examples: [
      `fleetty overlay new build --x 2 --y 1 --width 30 --height 3 --spans '[{"text":"hands off","bold":true}]'`,
    ],
  },
  socket: ["create_overlay"],
  tool: { name: "overlay", isCore: true },
  schemas: async () => (await schemas()).overlays.create,
});

export const overlayClear = operation({
  ...changing,
  status: 204,
  name: "sessions.overlays.clear",
  summary: "Take away all overlays, of both screen modes.",
  http: "DELETE /sessions/{session}/overlay",
  errors: LIVING,
  cli: { command: "overlay clear", positional: ["session"], examples: ["fleetty overlay clear build"] },
  socket: ["clear_overlays"],
  tool: { name: "remove_overlay", isCore: true, isDestructive: true },
  schemas: async () => (await schemas()).overlays.clear,
});

export const overlayGet = operation({
  ...reading,
  name: "sessions.overlays.get",
  summary: "Show one overlay, of either screen mode.",
  http: "GET /sessions/{session}/overlay/{id}",
  errors: [...LIVING, "overlay_not_found"],
  cli: {
    command: "overlay show",
    positional: ["session", "id"],
    examples: ["fleetty overlay show build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b"],
  },
  socket: ["get_overlay"],
  schemas: async () => (await schemas()).overlays.get,
});

export const overlayReplace = operation({
  ...changingOne,
  name: "sessions.overlays.replace",
  summary: "Give an overlay other spans.",
  http: "PUT /sessions/{session}/overlay/{id}",
  errors: [...LIVING, "overlay_not_found", "invalid_overlay"],
  cli: {
    command: "overlay replace",
    positional: ["session", "id"],
    examples: [`fleetty overlay replace build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --spans '[{"text":"done"}]'`],
  },
  socket: ["update_overlay"],
  tool: { name: "overlay", isCore: true },
  schemas: async () => (await schemas()).overlays.replace,
});

export const overlayPatch = operation({
  ...changingOne,
  name: "sessions.overlays.patch",
  summary: "Move an overlay, or give it another size, height or background.",
  http: "PATCH /sessions/{session}/overlay/{id}",
  errors: [...LIVING, "overlay_not_found"],
  cli: {
    command: "overlay set",
    positional: ["session", "id"],
    examples: ["fleetty overlay set build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --x 10 --y 5"],
  },
  socket: ["patch_overlay"],
  tool: { name: "overlay", isCore: true },
  schemas: async () => (await schemas()).overlays.patch,
});

export const overlayRemove = operation({
  ...changingOne,
  name: "sessions.overlays.remove",
  summary: "Take an overlay away.",
  http: "DELETE /sessions/{session}/overlay/{id}",
  errors: [...LIVING, "overlay_not_found"],
  cli: {
    command: "overlay rm",
    positional: ["session", "id"],
    examples: ["fleetty overlay rm build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b"],
  },
  socket: ["delete_overlay"],
  tool: { name: "remove_overlay", isCore: true, isDestructive: true },
  schemas: async () => (await schemas()).overlays.remove,
});

export const overlaySpans = operation({
  ...changingOne,
  name: "sessions.overlays.spans",
  summary: "Change the spans of an overlay that have these ids; no others.",
  http: "POST /sessions/{session}/overlay/{id}/spans",
  errors: [...LIVING, "overlay_not_found", "invalid_overlay"],
  cli: {
    command: "overlay spans",
    positional: ["session", "id"],
    examples: [`fleetty overlay spans build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --spans '[{"id":"step","text":"3"}]'`],
  },
  socket: ["update_overlay_spans"],
  schemas: async () => (await schemas()).overlays.spans,
});

export const overlayWrite = operation({
  ...changingOne,
  name: "sessions.overlays.write",
  summary: "Paint texts at places of an overlay, instead of those before.",
  http: "POST /sessions/{session}/overlay/{id}/write",
  errors: [...LIVING, "overlay_not_found", "invalid_overlay"],
  cli: {
    command: "overlay write",
    positional: ["session", "id"],
    examples: [
      `fleetty overlay write build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --writes '[{"row":0,"col":4,"text":"ok","fg":"green"}]'`,
    ],
  },
  socket: ["overlay_region_write"],
  tool: { name: "overlay", isCore: true },
  schemas: async () => (await schemas()).overlays.write,
});

export const panelList = operation({
  ...reading,
  name: "sessions.panels.list",
  summary: "List the panels of the present screen mode: those at the top first, each group the highest first.",
  http: "GET /sessions/{session}/panel",
  errors: LIVING,
  cli: {
    command: "panel ls",
    positional: ["session"],
    examples: ["fleetty panel ls build"],
  },
  socket: ["list_panels"],
  tool: { name: "panel", isCore: true },
  schemas: async () => (await schemas()).panels.list,
});

export const panelCreate = operation({
  ...making,
  name: "sessions.panels.create",
  summary: "Put a panel above or below what the program has of the screen; its rows are taken from the program.",
  http: "POST /sessions/{session}/panel",
  errors: [...LIVING, "resource_limit_reached"],
  cli: {
    command: "panel new",
    positional: ["session"],
    examples: [`fleetty panel new build --position bottom --height 1 --spans '[{"text":"step 2 of 5"}]'`],
  },
  socket: ["create_panel"],
  tool: { name: "panel", isCore: true },
  schemas: async () => (await schemas()).panels.create,
});

export const panelClear = operation({
  ...changing,
  status: 204,
  name: "sessions.panels.clear",
  summary: "Take away all panels, of both screen modes; the program has its rows back.",
  http: "DELETE /sessions/{session}/panel",
  errors: LIVING,
  cli: {
    command: "panel clear",
    positional: ["session"],
    examples: ["fleetty panel clear build"],
  },
  socket: ["clear_panels"],
  tool: { name: "remove_panel", isCore: true, isDestructive: true },
  schemas: async () => (await schemas()).panels.clear,
});

export const panelGet = operation({
  ...reading,
  name: "sessions.panels.get",
  summary: "Show one panel, of either screen mode.",
  http: "GET /sessions/{session}/panel/{id}",
  errors: [...LIVING, "panel_not_found"],
  cli: {
    command: "panel show",
    positional: ["session", "id"],
    examples: ["fleetty panel show build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b"],
  },
  socket: ["get_panel"],
  schemas: async () => (await schemas()).panels.get,
});

export const panelReplace = operation({
  ...changingOne,
  name: "sessions.panels.replace",
  summary: "Give a panel another place, height and spans.",
  http: "PUT /sessions/{session}/panel/{id}",
  errors: [...LIVING, "panel_not_found", "invalid_overlay"],
  cli: {
    command: "panel replace",
    positional: ["session", "id"],
    examples: [
      `fleetty panel replace build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --position top --height 2 --z 5 --spans '[{"text":"done"}]'`,
    ],
  },
  socket: ["update_panel"],
  schemas: async () => (await schemas()).panels.replace,
});

export const panelPatch = operation({
  ...changingOne,
  name: "sessions.panels.patch",
  summary: "Change some of what a panel is.",
  http: "PATCH /sessions/{session}/panel/{id}",
  errors: [...LIVING, "panel_not_found", "invalid_overlay"],
  cli: {
    command: "panel set",
    positional: ["session", "id"],
    examples: ["fleetty panel set build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --height 3"],
  },
  socket: ["patch_panel"],
  tool: { name: "panel", isCore: true },
  schemas: async () => (await schemas()).panels.patch,
});

export const panelRemove = operation({
  ...changingOne,
  name: "sessions.panels.remove",
  summary: "Take a panel away.",
  http: "DELETE /sessions/{session}/panel/{id}",
  errors: [...LIVING, "panel_not_found"],
  cli: {
    command: "panel rm",
    positional: ["session", "id"],
    examples: ["fleetty panel rm build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b"],
  },
  socket: ["delete_panel"],
  tool: { name: "remove_panel", isCore: true, isDestructive: true },
  schemas: async () => (await schemas()).panels.remove,
});

export const panelSpans = operation({
  ...changingOne,
  name: "sessions.panels.spans",
  summary: "Change the spans of a panel that have these ids; no others.",
  http: "POST /sessions/{session}/panel/{id}/spans",
  errors: [...LIVING, "panel_not_found", "invalid_overlay"],
  cli: {
    command: "panel spans",
    positional: ["session", "id"],
    examples: [`fleetty panel spans build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --spans '[{"id":"step","text":"3"}]'`],
  },
  socket: ["update_panel_spans"],
  schemas: async () => (await schemas()).panels.spans,
});

export const panelWrite = operation({
  ...changingOne,
  name: "sessions.panels.write",
  summary: "Paint texts at places of a panel, instead of those before.",
  http: "POST /sessions/{session}/panel/{id}/write",
  errors: [...LIVING, "panel_not_found", "invalid_overlay"],
  cli: {
    command: "panel write",
    positional: ["session", "id"],
    examples: [
      `fleetty panel write build 0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b --writes '[{"row":0,"col":4,"text":"ok","fg":"green"}]'`,
    ],
  },
  socket: ["panel_region_write"],
  tool: { name: "panel", isCore: true },
  schemas: async () => (await schemas()).panels.write,
});
