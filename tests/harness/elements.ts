// Holds how the operations on overlays, panels and modes are asked: plainly, at each face, and so that together every form of
// their answers is shown.
import type { OperationName } from "@fleetty/protocol/operations";
import type { Ask } from "./http.ts";
import type { Said } from "./said.ts";

/** The operations on overlays, panels, and the modes of a session. */
export type ElementOperation = Extract<
  OperationName,
  | `sessions.${"overlays" | "panels"}.${string}`
  | `sessions.${"capture" | "release" | "input_mode"}`
  | `sessions.${"focus" | "focus_get" | "unfocus"}`
  | `sessions.${"screen_mode" | "enter_alt" | "exit_alt"}`
>;

/** An id that no element has. */
export const NO_ELEMENT = "0b9c1f4e-7d52-4a83-9f3f-6f3a8f1d2c5b";

const PLACE = { x: 2, y: 1, width: 30, height: 3 };
const STRIPE = { position: "bottom", height: 1 };
const SPANS = [{ text: "hi", id: "a", fg: "green", bold: true }];
const WRITES = [{ row: 0, col: 4, text: "ok" }];

/** Method, path below the session, and body of each; `id` is the element that is meant. */
function requests(id: string): Readonly<Record<ElementOperation, readonly [string, string, object?]>> {
  return {
    "sessions.overlays.list": ["GET", "/overlay"],
    "sessions.overlays.create": ["POST", "/overlay", { ...PLACE, spans: SPANS }],
    "sessions.overlays.clear": ["DELETE", "/overlay"],
    "sessions.overlays.get": ["GET", `/overlay/${id}`],
    "sessions.overlays.replace": ["PUT", `/overlay/${id}`, { spans: SPANS }],
    "sessions.overlays.patch": ["PATCH", `/overlay/${id}`, { x: 5 }],
    "sessions.overlays.remove": ["DELETE", `/overlay/${id}`],
    "sessions.overlays.spans": ["POST", `/overlay/${id}/spans`, { spans: SPANS }],
    "sessions.overlays.write": ["POST", `/overlay/${id}/write`, { writes: WRITES }],
    "sessions.panels.list": ["GET", "/panel"],
    "sessions.panels.create": ["POST", "/panel", STRIPE],
    "sessions.panels.clear": ["DELETE", "/panel"],
    "sessions.panels.get": ["GET", `/panel/${id}`],
    "sessions.panels.replace": ["PUT", `/panel/${id}`, { ...STRIPE, z: 5, spans: SPANS }],
    "sessions.panels.patch": ["PATCH", `/panel/${id}`, { height: 2 }],
    "sessions.panels.remove": ["DELETE", `/panel/${id}`],
    "sessions.panels.spans": ["POST", `/panel/${id}/spans`, { spans: SPANS }],
    "sessions.panels.write": ["POST", `/panel/${id}/write`, { writes: WRITES }],
    "sessions.input_mode": ["GET", "/input/mode"],
    "sessions.capture": ["POST", "/input/capture"],
    "sessions.release": ["POST", "/input/release"],
    "sessions.focus_get": ["GET", "/input/focus"],
    "sessions.focus": ["POST", "/input/focus", { id }],
    "sessions.unfocus": ["POST", "/input/unfocus"],
    "sessions.screen_mode": ["GET", "/screen_mode"],
    "sessions.enter_alt": ["POST", "/screen_mode/enter_alt"],
    "sessions.exit_alt": ["POST", "/screen_mode/exit_alt"],
  };
}

type Cells<Cell> = Record<ElementOperation, Cell>;

export const elementOperations = Object.keys(requests("")) as readonly ElementOperation[];

function eachOf<Cell>(cell: (name: ElementOperation) => Cell): Cells<Cell> {
  return Object.fromEntries(elementOperations.map((name) => [name, cell(name)])) as Cells<Cell>;
}

export function elementAsk(name: ElementOperation, session: string, id: string = NO_ELEMENT): Ask {
  const [method, path, body] = requests(id)[name];
  return { method, path: `/sessions/${session}${path}`, ...(body && { body }) };
}

/** Each as a caller asks it who has nothing particular in mind. */
export const askingOfElements: Cells<(session: string) => Ask> = eachOf(
  (name) => (session) => elementAsk(name, session),
);

/** Those that name one overlay, or one panel. */
export function namesOne(kind: "overlays" | "panels"): ElementOperation[] {
  return elementOperations.filter(
    (name) => name.startsWith(`sessions.${kind}.`) && requests("{id}")[name][1].includes("{id}"),
  );
}

const WORDS: Cells<string> = {
  "sessions.overlays.list": "overlay ls",
  "sessions.overlays.create": "overlay new",
  "sessions.overlays.clear": "overlay clear",
  "sessions.overlays.get": "overlay show",
  "sessions.overlays.replace": "overlay replace",
  "sessions.overlays.patch": "overlay set",
  "sessions.overlays.remove": "overlay rm",
  "sessions.overlays.spans": "overlay spans",
  "sessions.overlays.write": "overlay write",
  "sessions.panels.list": "panel ls",
  "sessions.panels.create": "panel new",
  "sessions.panels.clear": "panel clear",
  "sessions.panels.get": "panel show",
  "sessions.panels.replace": "panel replace",
  "sessions.panels.patch": "panel set",
  "sessions.panels.remove": "panel rm",
  "sessions.panels.spans": "panel spans",
  "sessions.panels.write": "panel write",
  "sessions.input_mode": "input mode",
  "sessions.capture": "input capture",
  "sessions.release": "input release",
  "sessions.focus_get": "input focused",
  "sessions.focus": "input focus",
  "sessions.unfocus": "input unfocus",
  "sessions.screen_mode": "screen-mode show",
  "sessions.enter_alt": "screen-mode alt",
  "sessions.exit_alt": "screen-mode normal",
};

/** Each as it is said at each face. */
export const saidOfElements: Cells<Said> = eachOf((name) => {
  const [, path, body = {}] = requests(NO_ELEMENT)[name];
  const isOne = path.includes(NO_ELEMENT) || name === "sessions.focus";
  const input = { session: "build", ...(isOne && { id: NO_ELEMENT }), ...body };
  const options = Object.entries(body).filter(([member]) => member !== "id");
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const pairs = Object.entries(input).map(([member, value]) => `${member}=${text(value)}`);
  const words = options.flatMap(([member, value]) => [`--${member}`, text(value)]);
  return {
    input,
    http: elementAsk(name, "build"),
    words: [...WORDS[name].split(" "), "build", ...(isOne ? [NO_ELEMENT] : []), ...words],
    pairs,
  };
});
