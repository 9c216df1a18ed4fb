// `attach`: this terminal becomes the session's. Loads what that takes only when it happens.
import type { Comfort } from "../comfort.ts";

export const comfort: Comfort = {
  startsServer: true,
  hides: ["from", "snapshot", "attach", "client"],
  extras: [{ flag: "--resize", value: null, says: "give the session this terminal's size, now and when it changes" }],
  notes: [
    "Ctrl-\\ twice within half a second detaches; once, it reaches the program after that time. The session keeps its",
    "size unless --resize: in a terminal of another size its screen is drawn as far as it fits. Queries of programs are",
    "answered by the session and kept from this terminal. Waits for a server that is being restarted.",
  ],
  run: async (invocation, client, signal) => {
    const { attach } = await import("../attach/attach.ts");
    return attach(invocation, client, signal);
  },
};
