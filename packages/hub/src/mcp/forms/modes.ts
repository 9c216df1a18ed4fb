// Forms of the tools on a session's modes: where keystrokes of people go, what has the focus, and which screen is painted on.
import { onSession } from "@fleetty/protocol/schemas/common";
import { elements } from "@fleetty/protocol/schemas/elements";
import * as z from "zod";
import { invalidParams } from "../arguments.ts";
import { type Asked, form } from "../tool.ts";

const { id } = elements.overlays.get.input.shape;

const input = z.object({
  ...onSession,
  mode: z.enum(["capture", "release"]).optional().describe("keep keystrokes of people from the program, or no more"),
  focus: id.optional().describe("id of the overlay or panel that they are meant for"),
  unfocus: z.boolean().optional().describe("they are meant for none"),
});

export function modeForms() {
  return {
    input_mode: form({
      says: "Capture the keystrokes of people who are attached, release them, focus an element; or say how it is.",
      input,
      output: z.looseObject({ mode: z.string(), focused_element: z.string().nullable() }),
      answer: inputMode,
    }),
    screen_mode: form({
      says: "Go to the alternate screen for overlays and panels of its own, leave it, or say which it is.",
      input: z.object({ ...onSession, action: z.enum(["enter_alt", "exit_alt"]).optional() }),
      output: z.looseObject({ mode: z.string() }),
      answer: async ({ action, ...where }, asked) => {
        if (action === "enter_alt") await asked.call("sessions.enter_alt", where);
        if (action === "exit_alt") await asked.call("sessions.exit_alt", where);
        return asked.call("sessions.screen_mode", where);
      },
    }),
  };
}

async function inputMode({ mode: wanted, focus, unfocus, ...where }: z.output<typeof input>, asked: Asked) {
  if (focus !== undefined && unfocus) throw invalidParams("input_mode: give focus or unfocus, not both");
  if (wanted === "capture") await asked.call("sessions.capture", where);
  if (focus !== undefined) await asked.call("sessions.focus", { ...where, id: focus });
  if (unfocus) await asked.call("sessions.unfocus", where);
  if (wanted === "release") await asked.call("sessions.release", where);
  const { mode } = await asked.call("sessions.input_mode", where);
  const { focused } = await asked.call("sessions.focus_get", where);
  return { mode, focused_element: focused };
}
