// Holds input and output shapes of the operations on overlays, panels, screen mode, input mode and focus: what is painted on a
// session's screen beside what its program prints. Counts and lengths of what is painted are bounded where it is kept: a
// creation beyond them is refused otherwise than a change.
import * as z from "zod";
import { extent, int, nothing, onSession, openEnum, sessionRef } from "./common.ts";
import { inputMode } from "./notices.ts";

const onElement = { ...onSession, id: z.string().min(1).max(256).describe("as it was answered when it was created") };

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
const channel = z.int().min(0).max(255);

const paintColor = z.union([z.enum(COLORS), z.object({ r: channel, g: channel, b: channel })]);
const background = z.object({ bg: paintColor }).describe("colour of all of it");
const look = {
  fg: paintColor.optional(),
  bg: paintColor.optional(),
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  underline: z.boolean().optional(),
};
const spans = z
  .array(z.object({ text: z.string(), id: z.string().max(256).optional(), ...look }))
  .describe("texts one after the other; a line feed begins the next row");
const writes = z
  .array(z.object({ row: extent(), col: extent(), text: z.string(), ...look }))
  .describe("texts at places, painted over the spans");

const rows = extent().describe("in rows");
const place = {
  x: extent().describe("column of its left edge, from 0"),
  y: extent().describe("row of its upper edge, from 0"),
  width: extent().describe("in columns"),
  height: rows,
};
const depth = int().describe("what is higher is painted over what is lower");
const rank = int().describe("the higher gets its rows first");
const newest = "; default: above all before";
const focusable = z.boolean().optional().describe("whether it can have the focus");
const position = z.enum(["top", "bottom"]).describe("above or below what the program has");

/** A color of the eight, or any. Not the Color of a screen. */
const shownColor = z.union([openEnum(COLORS), z.looseObject({ r: int(), g: int(), b: int() })]);
const set = z.literal(true).optional();
const shownLook = { fg: shownColor.optional(), bg: shownColor.optional(), bold: set, italic: set, underline: set };

/** Members at their default are left out. */
const shown = {
  background: z.looseObject({ bg: shownColor }).optional(),
  spans: z.array(z.looseObject({ text: z.string(), id: z.string().optional(), ...shownLook })),
  region_writes: z.array(z.looseObject({ row: extent(), col: extent(), text: z.string(), ...shownLook })).optional(),
  focusable: set,
  screen_mode: z.literal("alt").optional().describe("it is there in alt mode only"),
};
const overlay = z.looseObject({ id: z.string(), ...place, z: int(), ...shown });
const panel = z.looseObject({
  ...{ id: z.string(), position: openEnum(position.options), height: extent(), z: int(), ...shown },
  visible: z.boolean().describe("false: there is no room for it, or the screen is in the other mode"),
});
const made = z.looseObject({ id: z.string() });

const ofAll = { input: z.object(onSession), output: nothing };
const ofOne = { input: z.object(onElement), output: nothing };
const painted = { input: z.object({ ...onElement, spans }), output: nothing };
const written = { input: z.object({ ...onElement, writes }), output: nothing };

const overlays = {
  list: { input: z.object(onSession), output: z.array(overlay) },
  create: {
    input: z.object({
      ...onSession,
      ...place,
      spans,
      z: depth.optional().describe(`${depth.description}${newest}`),
      background: background.optional(),
      focusable,
    }),
    output: made,
  },
  clear: ofAll,
  get: { input: z.object(onElement), output: overlay },
  replace: painted,
  patch: {
    input: z.object({
      ...onElement,
      ...{ x: place.x.optional(), y: place.y.optional(), z: depth.optional() },
      ...{ width: place.width.optional(), height: place.height.optional(), background: background.optional() },
    }),
    output: nothing,
  },
  remove: ofOne,
  spans: painted,
  write: written,
};

const panels = {
  list: { input: z.object(onSession), output: z.array(panel) },
  create: {
    input: z.object({
      ...onSession,
      ...{ position, height: rows, z: rank.optional().describe(`${rank.description}${newest}`) },
      ...{ background: background.optional(), spans: spans.optional(), focusable },
    }),
    output: made,
  },
  clear: ofAll,
  get: { input: z.object(onElement), output: panel },
  replace: { input: z.object({ ...onElement, position, height: rows, z: rank, spans }), output: nothing },
  patch: {
    input: z.object({
      ...onElement,
      ...{ position: position.optional(), height: rows.optional(), z: rank.optional() },
      ...{ background: background.optional(), spans: spans.optional() },
    }),
    output: nothing,
  },
  remove: ofOne,
  spans: painted,
  write: written,
};

const screenModeNow = z.looseObject({ mode: openEnum(["normal", "alt"]) });
const screenMode = { input: z.object(onSession), output: screenModeNow };
const inputModeNow = { input: z.object(onSession), output: z.looseObject({ mode: openEnum(inputMode.options) }) };
const focusGet = {
  input: z.object(onSession),
  output: z.looseObject({ focused: z.string().nullable().describe("id of the element that has it; null: none") }),
};
const focus = { input: z.object({ ...onSession, id: z.string().max(256) }), output: nothing };

/** Texts by id and at places, of one element: both are changed, or none. */
const batch = {
  input: z.object({
    ...{ session: sessionRef, id: onElement.id, element: z.enum(["overlay", "panel"]) },
    ...{ spans: spans.optional(), writes: writes.optional() },
  }),
  output: nothing,
};

export const elements = { overlays, panels, ofAll, screenMode, inputMode: inputModeNow, focusGet, focus, batch };

export type PaintColor = z.infer<typeof paintColor>;
export type Background = z.infer<typeof background>;
export type PaintSpan = z.infer<typeof spans>[number];
export type RegionWrite = z.infer<typeof writes>[number];
export type ShownOverlay = z.infer<typeof overlay>;
export type ShownPanel = z.infer<typeof panel>;
