// Holds the shapes of what passes in one session and is kept for a moment only: keystrokes of those who are attached, changes
// of its overlays and panels, of what it wants, and commands that begin and end. Open: a newer session host may tell of more.
import * as z from "zod";
import { attention, commandId, confidence, count, exit, openEnum, sessionRef } from "./common.ts";

/** Where the keystrokes of attach clients go: to the program, or only to those who listen for them. */
export const inputMode = z.enum(["passthrough", "capture"]);

export const noticeKind = z.enum(["input", "mode", "overlay", "shown", "attention", "command"]);

/** A single key by its name, and what was held with it. */
export const parsedKey = z.looseObject({ key: z.string(), modifiers: z.array(openEnum(["ctrl", "alt", "shift"])) });

const seq = count();

const notices = {
  input: z.looseObject({
    seq,
    kind: z.literal("input"),
    mode: inputMode,
    raw: z.string().describe("base64, as the attach client sent it"),
    parsed: parsedKey.nullable().describe("null: it is no single key"),
    target: z.string().optional().describe("id of the element that has the focus"),
  }),
  mode: z.looseObject({ seq, kind: z.literal("mode"), mode: inputMode }),
  overlay: z.looseObject({
    seq,
    kind: z.literal("overlay"),
    element: openEnum(["overlay", "panel"]),
    action: openEnum(["created", "updated", "deleted", "cleared"]),
    id: z.string().optional().describe("absent where all of them are meant"),
  }),
  /** Others of them are there, by the screen mode or the size of the terminal, or another one has the focus. */
  shown: z.looseObject({ seq, kind: z.literal("shown") }),
  attention: z.looseObject({ seq, kind: z.literal("attention"), attention, confidence, epoch: count() }),
  command: z.looseObject({
    seq,
    kind: z.literal("command"),
    id: commandId,
    phase: openEnum(["started", "ended"]),
    exit_code: z.int().nullable().optional().describe("of one that has ended; null: not known"),
    from: count().optional().describe("offset of the first byte of its output"),
    to: count().optional().describe("offset after the last"),
  }),
};

const notice = z.discriminatedUnion("kind", [
  notices.input,
  notices.mode,
  notices.overlay,
  notices.shown,
  notices.attention,
  notices.command,
]);

export type Notice = z.infer<typeof notice>;
export type NoticeKind = z.infer<typeof noticeKind>;
export type InputMode = z.infer<typeof inputMode>;
export type ParsedKey = z.infer<typeof parsedKey>;

/** Waits for what passes after `after`; without it, says where that begins now. */
export const sessionNotices = {
  input: z.object({
    session: sessionRef,
    after: count().optional().describe("seq of the answer before; absent: only say which that is now"),
    kinds: z.array(noticeKind).min(1).max(noticeKind.options.length),
    max_wait_ms: z.int().min(0).max(60_000),
  }),
  output: z.looseObject({
    seq: seq.describe("what is given as after next"),
    missed: count().describe("so many may have passed that are not kept any more"),
    notices: z.array(notice).describe("in order"),
    ended: z.looseObject({ exit: exit.nullable(), offset: count() }).optional().describe("the session has ended"),
  }),
};
