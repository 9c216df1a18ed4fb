// `attach`: this terminal becomes the session's. Loads what that takes only when it happens.
import type { Comfort } from "../comfort.ts";

export const comfort: Comfort = {
  startsServer: true,
  hides: ["from", "snapshot", "attach", "client", "lease"],
  extras: [
    { flag: "--resize", value: null, says: "give the session this terminal's size, now and when it changes" },
    { flag: "--take-over", value: null, says: "type also where somebody else has the right to, who loses it" },
  ],
  notes: [
    "Ctrl-\\ twice within half a second detaches; once, it reaches the session after that time. The session keeps its size",
    "unless --resize: in a terminal of another size its screen is drawn as far as it fits. Queries of programs are",
    "answered by the session and kept from this terminal. Waits for a server that is being restarted. Who types is alone in",
    "that until half a minute after the last key; who looks keeps nobody from anything.",
  ],
  run: async (invocation, client, signal) => {
    const { attach } = await import("../attach/attach.ts");
    return attach(invocation, client, signal);
  },
};
