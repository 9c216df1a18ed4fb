// A session host that pays no attention to its sessions: the same program, with nothing read out of its output for that and no
// look at any terminal. What attention costs is the difference to the host as it is.
import { Attention } from "@fleetty/worker/attention/attention";

Attention.prototype.output = () => {};
Attention.prototype.typed = () => {};
Attention.prototype.woken = () => {};

await import("@fleetty/worker/session-host/main");
