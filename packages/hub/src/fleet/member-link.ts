// An open link to a member, whoever dialled it: from the moment the member was welcomed until its socket is gone. Hands itself
// over once the member's sessions are known. Decides nothing about who is welcome.
import type { Socket } from "node:net";
import type { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import type { GreetedMember } from "@fleetty/carrier/hub-greeting";
import { carrierOver } from "@fleetty/carrier/socket-carrier";
import { closeWithin, guarded } from "@fleetty/carrier/socket-end";
import { type AnyEvent, readEvent } from "@fleetty/protocol/events";
import { HubEnd, type JournalEvent, type MemberHello, type MemberStatus } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WebSocket } from "ws";

export interface MemberLink {
  readonly kind: "linked";
  readonly end: HubEnd;
  readonly hello: MemberHello;
  /** IP address of the other end, where this end has contacted it; else null. */
  readonly contacted: string | null;
  /** Planned: the member is told why by a close code of the protocol, and cut off when it does not answer it. */
  close(code: number, reason: string): void;
  /** The other end is not believed to be there. */
  cut(): void;
}

/** What a member is told of its link. */
export interface LinkEvents {
  /** How the member is called now. */
  readonly name: () => string;
  readonly onHeard: () => void;
  readonly onRoundTrip: (ms: number) => void;
  /** Before the link is handed over, and again when the member says it again. */
  readonly onInventory: (sessions: readonly SessionInfo[]) => void;
  /** With its number in the member's journal. */
  readonly onEvent: (event: AnyEvent, seq: number) => void;
  readonly onStatus: (status: MemberStatus) => void;
  /** A screen that was read is no longer the newest. */
  readonly onChanged: (session: string) => void;
  /** The link that was handed over has ended. */
  readonly onClosed: (link: MemberLink) => void;
}

export interface OpeningParts {
  readonly socket: WebSocket;
  /** The socket below it. */
  readonly below: Socket;
  readonly contacted: string | null;
  readonly messages: HandshakeMessages;
  readonly greeted: GreetedMember;
}

/** Resolves when the member has told of its sessions. Rejects with MalformedFrame, or what ended the socket. */
export async function openMemberLink(
  { socket, below, contacted, messages, greeted: { hello, linkGeneration } }: OpeningParts,
  events: LinkEvents,
): Promise<MemberLink> {
  const opening = { isAwaited: true };
  const telling = new Telling(events.onEvent);
  const end: HubEnd = new HubEnd({
    carrier: carrierOver({ webSocket: socket, socket: below, onDrained: () => end.drained() }),
    linkGeneration,
    // Its name may be known only later.
    get peerName() {
      return `server ${events.name()}`;
    },
    get server() {
      return events.name();
    },
    features: hello.features,
    onInventory: (sessions) => {
      opening.isAwaited = false;
      events.onInventory(sessions);
    },
    onEvent: (event) => telling.add(event),
    onChanged: events.onChanged,
    onStatus: events.onStatus,
    onPong: events.onRoundTrip,
  });
  while (opening.isAwaited) end.receive(await messages.next());
  const link: MemberLink = {
    kind: "linked",
    end,
    hello,
    contacted,
    close: (code, reason) => closeWithin(socket, { code, reason }),
    cut: () => socket.terminate(),
  };
  messages.handOver((data) => receive({ end, socket, events, data }));
  socket.on("close", () => {
    end.closed();
    events.onClosed(link);
  });
  return link;
}

/** Tells events in their order, though the shape of each is looked up first. What this version does not know is passed over. */
class Telling {
  readonly #tell: LinkEvents["onEvent"];
  #last: Promise<void> = Promise.resolve();

  constructor(tell: LinkEvents["onEvent"]) {
    this.#tell = tell;
  }

  add({ event, seq, p }: JournalEvent): void {
    const read = readEvent(event, p).catch(() => null);
    this.#last = this.#last.then(async () => {
      const told = await read;
      if (told) this.#tell(told, seq);
    });
  }
}

interface Received {
  readonly end: HubEnd;
  readonly socket: WebSocket;
  readonly events: LinkEvents;
  readonly data: string | Uint8Array;
}

/** What comes over a link that was given up says nothing any more. */
function receive({ end, socket, events, data }: Received): void {
  if (!end.isOpen) return;
  events.onHeard();
  guarded(socket, () => end.receive(data));
}
