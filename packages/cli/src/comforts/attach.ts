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
    "Ctrl-\\ twice within half a second detaches. Once, it captures the keys half a second later, or lets them go again: while",
    "a C stands in the upper right corner, whoever listens for keys gets them and the program does not. The session keeps its",
    "size unless --resize: in a terminal of another size its screen is drawn as far as it fits. It is drawn, too, while there",
    "are overlays or panels, which the program never sees; the one with the focus has its first row inverted. Queries of",
    "programs are answered by the session and kept from this terminal. Waits for a server that is away, and says so. Who types",
    "is alone in that until half a minute after the last key; who looks keeps nobody from anything.",
  ],
  run: async (invocation, client, signal) => {
    const { attach } = await import("../attach/attach.ts");
    return attach(invocation, client, signal);
  },
};
