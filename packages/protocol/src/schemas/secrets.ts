// Holds input and output shapes of the operations on secrets, and what a secret and its name may be.
import * as z from "zod";
import { isSecretName } from "../names.ts";
import { isShortSecret, SECRET_MAX_BYTES, WITHOUT_CONTROLS } from "../secret-value.ts";
import { nothing, openEnum, page, pageInput, serverRef, time } from "./common.ts";

const server = serverRef.optional();

export const secretName = z
  .string()
  .min(1)
  .max(64)
  .refine(isSecretName, "takes 1 to 64 bytes of letters, digits and - _ .");

export const secretValue = z
  .string()
  .min(1)
  .max(SECRET_MAX_BYTES)
  .regex(WITHOUT_CONTROLS, "must not contain line ends or other control characters")
  .refine(isShortSecret, `at most ${SECRET_MAX_BYTES} bytes`)
  .meta({ description: "the secret itself, without its line end", writeOnly: true });

const prompt = z.string().min(1).max(1024);

export const set = {
  input: z.object({
    name: secretName,
    server,
    value: secretValue,
    tags: z.array(z.string()).max(64).optional().describe("only for sessions with one of these; default: for all"),
    prompt: prompt.optional().describe("only where the line that asks matches this (RE2, linear time)"),
  }),
  output: nothing,
};

export const list = {
  input: z.object({ server, ...pageInput }),
  output: page(
    z.looseObject({
      name: z.string(),
      server: z.string(),
      source: openEnum(["stored", "file", "env", "command"]),
      tags: z.array(z.string()),
      prompt: z.string().nullable(),
      created_at: time.nullable().describe("null: configured on its server"),
      last_used_at: time.nullable().describe("null: never"),
    }),
  ),
};

export const remove = { input: z.object({ name: secretName, server }), output: nothing };
