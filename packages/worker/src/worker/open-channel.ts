// Opens a channel of a host's link at both ends, or at none. Knows no session.
import type { ChannelEvents, HubEnd } from "@fleetty/protocol/link";

/** A channel that is open at both ends; one that the host refuses, or does not answer for, is closed again. */
export async function openChannel(end: HubEnd, events: ChannelEvents, ask: (ch: number) => Promise<unknown>) {
  const ch = end.openChannel(events);
  try {
    return { ch, answer: await ask(ch) };
  } catch (thrown) {
    end.closeChannel(ch, "refused");
    throw thrown;
  }
}
