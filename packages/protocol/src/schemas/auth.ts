// Holds input and output shapes of the operations on credentials.
import * as z from "zod";
import { int, nothing, openEnum, time } from "./common.ts";

const ticket = z.string().describe("works once");

export const wsTicket = { input: z.object({}), output: z.looseObject({ ticket }) };

export const loginTicket = {
  input: z.object({}),
  output: z.looseObject({
    ticket,
    url: z.string().describe("page to open; what follows # reaches no server"),
    expires_in_ms: int(),
  }),
};

const caller = {
  principal: z.string(),
  kind: openEnum(["human", "agent"]),
  verbs: z.array(z.string()),
  on: z.string().describe("server set that it is bound to; * is every server"),
  tags: z.array(z.string()).describe("it sees sessions with one of these; none is no bound"),
  expires_at: time.nullable().describe("null: when it is taken back"),
};

export const session = {
  input: z.object({ ticket: z.string().min(1).max(256).describe("from a login ticket; works once") }),
  output: z.looseObject({ token: z.string().describe("bearer token, ftb_…"), ...caller }),
};

export const whoami = { input: z.object({}), output: z.looseObject(caller) };

export const endSession = { input: z.object({}), output: nothing };
