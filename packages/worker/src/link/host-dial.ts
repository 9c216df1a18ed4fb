// Dials a session host over its unix socket and proves to it, and has it prove, that both hold the host's key. Decides
// nothing about sessions: it hands over an open HubEnd once the inventory has been told. One try; the caller decides
// about more.
//
//   connect ─► challenge ─► hello (checked) ─► welcome ─► inventory (in parts where it is long) ─► open
import { connect, type Socket } from "node:net";
import { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import { carrierOver } from "@fleetty/carrier/socket-carrier";
import { guarded } from "@fleetty/carrier/socket-end";
import { FleettyError } from "@fleetty/protocol/errors";
import {
  agree,
  type Challenge,
  fromWorker,
  type Hello,
  HubEnd,
  type Inventory,
  type JournalEvent,
  LINK_PROTOCOL,
  ourRange,
  readFrame,
  type Tick,
  type Welcome,
} from "@fleetty/protocol/link";
import { WebSocket } from "ws";
import { isProof, makeNonce, prove } from "./proof.ts";

/** How the other end closes when it speaks none of our versions (link protocol, close codes). */
const CLOSED_FOR_VERSION = 4011;
/** Largest message on the link, and the room of a stream beyond its last credit. */
const POLICY = { max_frame: 1_048_576, max_inflight: 4096, credit: 1_048_576 };

export interface HostDialOptions {
  readonly hostId: string;
  readonly socketPath: string;
  readonly key: Uint8Array;
  /** Id of the server that dials, its process run, and the lowest number that this link may have. */
  readonly serverId: string;
  readonly incarnation: number;
  readonly linkGeneration: number;
  /** Last outcome of this host that is on the worker's disk. */
  readonly journalAcked: (journalId: string) => number;
  /** Told before anything else of this link, and again when the host says it again. */
  readonly onInventory: (sessions: Inventory["sessions"]) => void;
  readonly onEvent: (event: JournalEvent) => void;
  readonly onChanged: (session: string) => void;
  readonly onTick: (tick: Tick) => void;
  readonly onClosed: () => void;
}

export interface OpenHostLink {
  readonly end: HubEnd;
  readonly hello: Hello;
  close(): void;
}

/** Resolves when sessions are known. Rejects with `server_unavailable`; `details.reason` says at which step. */
export async function dialHost(options: HostDialOptions): Promise<OpenHostLink> {
  const below = connect(options.socketPath);
  const socket = new WebSocket("ws://host/link", LINK_PROTOCOL, {
    createConnection: () => below,
    perMessageDeflate: false,
    maxPayload: POLICY.max_frame,
    followRedirects: false,
    // Masks guard shared proxies (RFC 6455, 10.3); a private unix socket has none. With zeros nothing is masked.
    generateMask: (mask) => mask.fill(0),
  });
  const messages = new HandshakeMessages(socket);
  try {
    const { hello, linkGeneration } = await challenge(socket, messages, options);
    const { end, opening } = openEnd({ socket, below, linkGeneration }, options);
    while (opening.isAwaited) end.receive(await messages.next());
    messages.handOver((data) => guarded(socket, () => end.receive(data)));
    socket.on("close", () => {
      end.closed();
      options.onClosed();
    });
    return { end, hello, close: () => socket.close(1000) };
  } catch (thrown) {
    socket.terminate();
    if (thrown instanceof FleettyError) throw thrown;
    if (messages.closedWith === CLOSED_FOR_VERSION) throw refused(options, "incompatible_version");
    throw refused(options, "dial_failed", thrown);
  }
}

async function challenge(socket: WebSocket, messages: HandshakeMessages, options: HostDialOptions) {
  await messages.opened;
  const nonce = makeNonce();
  send(socket, { type: "challenge", hub: options.serverId, nonce, protocol: ourRange } satisfies Challenge);
  const hello = readFrame(fromWorker, await messages.nextText());
  if (hello?.type !== "hello") throw refused(options, "protocol");
  const protocol = agree(ourRange, hello.protocol);
  if (protocol === null) throw refused(options, "incompatible_version");
  const nonces = { hubNonce: nonce, workerNonce: hello.nonce };
  if (!isProof(options.key, { role: "worker", linkGeneration: 0, ...nonces }, hello.proof)) {
    throw refused(options, "bad_identity");
  }
  const { incarnation } = options;
  // A worker whose store was lost counts from the beginning; its hosts remember.
  const linkGeneration = Math.max(options.linkGeneration, (hello.last_link_generation ?? 0) + 1);
  const welcome: Welcome = {
    type: "welcome",
    link: `lnk_${options.hostId}_${linkGeneration}`,
    link_generation: linkGeneration,
    protocol,
    incarnation,
    journal_acked: options.journalAcked(hello.journal.id),
    policy: POLICY,
    proof: prove(options.key, { role: "hub", linkGeneration, ...nonces }),
  };
  send(socket, welcome);
  return { hello, linkGeneration };
}

/** What a host says before its inventory would be about sessions that nobody knows. */
function openEnd(
  { socket, below, linkGeneration }: { socket: WebSocket; below: Socket; linkGeneration: number },
  options: HostDialOptions,
) {
  const opening = { isAwaited: true };
  const afterwards = () => {
    if (opening.isAwaited) throw refused(options, "protocol");
  };
  const end: HubEnd = new HubEnd({
    carrier: carrierOver({ webSocket: socket, socket: below, onDrained: () => end.drained() }),
    linkGeneration,
    peerName: `session host ${options.hostId}`,
    onInventory: (sessions) => {
      opening.isAwaited = false;
      options.onInventory(sessions);
    },
    onEvent: (event) => {
      afterwards();
      options.onEvent(event);
    },
    onChanged: (session) => {
      afterwards();
      options.onChanged(session);
    },
    onTick: options.onTick,
  });
  return { end, opening };
}

function send(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame));
}

function refused(options: HostDialOptions, reason: string, cause?: unknown): FleettyError {
  const message = `session host ${options.hostId} cannot be used (${reason}); see fleetty session-host status`;
  return new FleettyError("server_unavailable", message, { reason, may_have_run: false }, { cause });
}
