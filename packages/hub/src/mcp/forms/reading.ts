// Forms of the tools that read a session's text: as plain lines for who did not know better, styled for older clients.
import { screenFormat } from "@fleetty/protocol/schemas/common";
import { readScreen, scrollback } from "@fleetty/protocol/schemas/sessions";
import * as z from "zod";
import { form, type Style } from "../tool.ts";

/** What a format is where none is given. */
export function defaultFormat(style: Style): "plain" | "styled" {
  return style === "own" ? "plain" : "styled";
}

export function formatMember(style: Style) {
  const told = style === "own" ? "plain strings (default) or styled spans" : "styled spans (default) or plain strings";
  return screenFormat.optional().describe(told);
}

export function readingForms(style: Style) {
  const format = formatMember(style);
  const byDefault = { format: defaultFormat(style) };
  return {
    get_screen: form({
      says: "Read a session's screen as it is now; with since_epoch only the rows that changed since that epoch.",
      input: z.object({ ...readScreen.input.shape, format }),
      output: readScreen.output,
      answer: (input, asked) => asked.call("sessions.screen", { ...byDefault, ...input }),
    }),
    get_scrollback: form({
      says: "Read the lines of a session, those that have left the screen among them.",
      input: z.object({ ...scrollback.input.shape, format }),
      output: scrollback.output,
      answer: (input, asked) => asked.call("sessions.scrollback", { ...byDefault, ...input }),
    }),
  };
}
