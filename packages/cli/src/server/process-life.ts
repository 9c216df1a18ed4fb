// What processes that run in the foreground, server and worker, have in common: a log that cannot break them.
import { type Logger, pino } from "pino";

/** Where it cannot be written, on a full disk or to a reader that has gone, it is silent: no session depends on it. */
export function openLog({ logLevel }: { readonly logLevel: string }): Logger {
  const destination = pino.destination({ fd: 2, sync: true });
  destination.on("error", () => {});
  return pino({ level: logLevel, base: { pid: process.pid } }, destination);
}
