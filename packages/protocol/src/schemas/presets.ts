// Holds input and output shapes of the operations on presets, and how one is called.
import * as z from "zod";
import { openEnum, page, pageInput } from "./common.ts";

export const presetName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "takes 1 to 64 letters, digits and - _ .");

/** As it is looked for along a PATH: no path. */
export const programName = z.string().regex(/^[A-Za-z0-9_+-][A-Za-z0-9_.+-]{0,63}$/, "is no name of a program");

export const list = {
  input: z.object(pageInput),
  output: page(
    z.looseObject({
      name: z.string(),
      argv: z
        .array(z.string())
        .describe("program and arguments; {prompt} or {prompt_file} where a prompt goes; empty: the user's shell"),
      prompt: openEnum(["argument", "file", "paste", "none"]).describe("how a prompt reaches the program"),
      tool: z.string().nullable().describe("what placement looks for on a server"),
      tags: z.array(z.string()),
    }),
  ),
};
