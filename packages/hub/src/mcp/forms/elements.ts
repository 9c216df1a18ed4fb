// Forms of the tools that paint beside a program: overlays and panels, by one tool for making, changing and listing each, and
// one for taking them away.
import { onSession } from "@fleetty/protocol/schemas/common";
import { elements } from "@fleetty/protocol/schemas/elements";
import * as z from "zod";
import { readArguments } from "../arguments.ts";
import { type Asked, form } from "../tool.ts";

const { overlays, panels } = elements;
const { id } = overlays.get.input.shape;
const { writes } = overlays.write.input.shape;
const which = {
  id: id.optional().describe("change this one; without it a new one is made"),
  list: z.boolean().optional().describe("list those that are there, and do nothing else"),
  writes: writes.optional(),
};

const overlay = z.object({ ...overlays.create.input.partial().shape, ...onSession, ...which });
const panel = z.object({ ...panels.create.input.partial().shape, ...onSession, ...which });
const removal = z.object({ ...onSession, id: id.optional().describe("this one; without it all of them") });

const changed = z.looseObject({ status: z.enum(["created", "updated"]), id: z.string() });
const removed = z.looseObject({ status: z.enum(["removed", "cleared"]), id: z.string().optional() });

type Where = { readonly session: string; readonly server?: string | undefined };

export function elementForms() {
  return {
    overlay: form({
      says: "Paint an overlay above a session's screen, change one, or list them; the program never sees it.",
      input: overlay,
      output: z.union([changed, z.looseObject({ overlays: overlays.list.output })]),
      answer: paintOverlay,
    }),
    remove_overlay: takingAway("overlays", "Take an overlay away, or all of them."),
    panel: form({
      says: "Put a panel above or below what a program has of the screen, change one, or list them.",
      input: panel,
      output: z.union([changed, z.looseObject({ panels: panels.list.output })]),
      answer: putPanel,
    }),
    remove_panel: takingAway("panels", "Take a panel away, or all of them; the program has its rows back."),
  };
}

function takingAway(kind: "overlays" | "panels", says: string) {
  return form({
    says,
    input: removal,
    output: removed,
    answer: async ({ id: one, ...where }, asked) => {
      if (one === undefined) {
        await asked.call(`sessions.${kind}.clear`, where);
        return { status: "cleared" };
      }
      await asked.call(`sessions.${kind}.remove`, { ...where, id: one });
      return { status: "removed", id: one };
    },
  });
}

async function paintOverlay({ list, id: one, writes: places, ...rest }: z.output<typeof overlay>, asked: Asked) {
  const where = whereOf(rest);
  if (list) return { overlays: await asked.call("sessions.overlays.list", where) };
  if (one === undefined) {
    const whole = complete("overlay", overlays.create.input, rest);
    const made = await asked.call("sessions.overlays.create", whole);
    if (places) await asked.call("sessions.overlays.write", { ...where, id: made.id, writes: places });
    return { status: "created", id: made.id };
  }
  const { session: _, server: __, spans, focusable: ___, ...place } = rest;
  if (spans) await asked.call("sessions.overlays.replace", { ...where, id: one, spans });
  if (places) await asked.call("sessions.overlays.write", { ...where, id: one, writes: places });
  // Asked without a change too: it says whether the overlay is there.
  await asked.call("sessions.overlays.patch", { ...where, id: one, ...place });
  return { status: "updated", id: one };
}

async function putPanel({ list, id: one, writes: places, ...rest }: z.output<typeof panel>, asked: Asked) {
  const where = whereOf(rest);
  if (list) return { panels: await asked.call("sessions.panels.list", where) };
  if (one === undefined) {
    const made = await asked.call("sessions.panels.create", complete("panel", panels.create.input, rest));
    if (places) await asked.call("sessions.panels.write", { ...where, id: made.id, writes: places });
    return { status: "created", id: made.id };
  }
  const { session: _, server: __, focusable: ___, ...changes } = rest;
  if (places) await asked.call("sessions.panels.write", { ...where, id: one, writes: places });
  await asked.call("sessions.panels.patch", { ...where, id: one, ...changes });
  return { status: "updated", id: one };
}

/** Throws ProtocolError for a new one of which something is missing. */
function complete<Schema extends z.ZodType>(tool: string, schema: Schema, given: object): z.output<Schema> {
  return readArguments({ ...given }, { tool, schema, ignoresUnknown: true }) as z.output<Schema>;
}

function whereOf({ session, server }: Where): Where {
  return { session, server };
}
