// Holds input and output shapes of the operations on named tokens.
import * as z from "zod";
import { nothing, openEnum, page, pageInput, time } from "./common.ts";

/** Verbs that something asks for today; one that nothing asks for would promise what is not there. */
const VERBS = ["observe", "input", "create", "kill", "secret", "fleet", "admin"] as const;
/** Principals that are nobody's token. */
const RESERVED = ["root", "local", "hub", "anonymous"];

const MINUTE_MS = 60_000;
const YEAR_MS = 31_536_000_000;

/** It stands before a "/" and before a blank where principals are told apart, and so holds neither. */
const name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}\-_.:+@]+$/u, "takes letters, digits and - _ . : + @")
  .refine((text) => !RESERVED.includes(text.toLowerCase()), "is a reserved word")
  .describe("whom the audit and limits name");

/** What may do everything could make itself a token without these bounds. */
const bounded = {
  check: ({ verbs, on = "*", tags = [] }: { verbs: string[]; on?: string | undefined; tags?: string[] | undefined }) =>
    !verbs.includes("admin") || (on === "*" && tags.length === 0),
  problem: { message: "a token with the verb admin has no bounds; leave out on and tags, or admin", path: ["verbs"] },
};

const tokenShape = {
  id: z.string(),
  name: z.string(),
  kind: openEnum(["human", "agent"]),
  verbs: z.array(z.string()),
  on: z.string(),
  tags: z.array(z.string()),
  created_at: time,
  expires_at: time,
};

export const create = {
  input: z
    .object({
      name,
      kind: z.enum(["human", "agent"]).optional().describe("whose leases win; default agent"),
      verbs: z.array(z.enum(VERBS)).min(1).max(VERBS.length).describe("what it may do; admin stands for all"),
      on: z.string().max(4096).optional().describe("server set that it is bound to; default * (all servers)"),
      tags: z.array(z.string()).max(64).optional().describe("only sessions with one of these; creating adds the first"),
      expires_in_ms: z.int().min(MINUTE_MS).max(YEAR_MS).optional().describe("default 30 days; at most a year"),
    })
    .refine(bounded.check, bounded.problem),
  output: z.looseObject({ ...tokenShape, token: z.string().describe("fty_…, shown this once") }),
};

export const list = {
  input: z.object(pageInput),
  output: page(
    z.looseObject({ ...tokenShape, last_used_at: time.nullable().describe("within a minute; null: never") }),
  ),
};

export const remove = { input: z.object({ id: z.string().min(1).max(64) }), output: nothing };
