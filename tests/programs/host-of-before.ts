// A session host as an earlier release was: the same program, which does not know the operations that its first argument
// names, with commas. The others are those of a session host.
import { handlers } from "@fleetty/worker/session-host/handlers";

const [unknown = "", ...others] = process.argv.slice(2);
for (const name of unknown.split(",")) Reflect.deleteProperty(handlers, name);
process.argv.splice(2, Number.POSITIVE_INFINITY, ...others);
await import("@fleetty/worker/session-host/main");
