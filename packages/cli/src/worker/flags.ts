// What is asked of whoever runs sessions on a machine, server or worker, in the same words. Decides nothing.
import * as z from "zod";

export const workerFlags = {
  hostname: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, "is no hostname")
    .optional()
    .describe("name of this server (default: the system's)"),
  "max-sessions": z.coerce.number().int().min(1).max(10_000).default(256).describe("live sessions at once"),
  slots: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .optional()
    .describe("sessions that a hub puts here by placement, at most (default: cores, at least 4)"),
  "session-hosts": z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("processes that sessions are spread over, at most; one at first (default: cores, at most 4)"),
  "env-pass": z
    .array(
      z
        .string()
        .regex(/^(?!FLEETTY_|ORCHESTRATOR_|WSH_)[A-Za-z_][A-Za-z0-9_]*$/, "is no name of a variable that may pass"),
    )
    .default([])
    .describe("variable of the environment here that sessions get too, such as JAVA_HOME (repeatable)"),
  "output-ring": z.coerce
    .number()
    .int()
    .min(64 * 1024)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe("bytes of recent output kept for each session"),
  "log-level": z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .describe("what the log says, as JSON lines on stderr"),
};
