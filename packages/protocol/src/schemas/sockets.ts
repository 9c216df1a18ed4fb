// Holds what the upgrades to JSON WebSockets take in their query.
import * as z from "zod";
import { nothing, serverRef, sessionRef } from "./common.ts";

export const socket = {
  input: z.object({
    session: sessionRef,
    server: serverRef.describe("hostname or id of the server; default: the one that has the session").optional(),
  }),
  output: nothing,
};

export const fleetSocket = {
  input: z.object({
    cursor: z.string().min(1).max(64).optional().describe("of an event: tell what happened after it; default: now"),
  }),
  output: nothing,
};
