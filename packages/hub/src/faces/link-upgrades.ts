// The upgrade at the paths for links between servers: refuses pages and whoever speaks another protocol, and tells of each
// request. Who else may come in is the face's to say; what follows over the socket is not known here.
import type { IncomingMessage } from "node:http";
import { linkSockets, offersLink } from "@fleetty/carrier/link-offer";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { LINK_PROTOCOL } from "@fleetty/protocol/link";
import type { WebSocket } from "ws";
import type { RequestFacts } from "../auth/admission.ts";
import { rawRefusal, shown } from "./answer.ts";
import { type OnAnswered, RequestRecord } from "./answered.ts";
import { factsOf } from "./http.ts";
import { endWith } from "./last-words.ts";
import { requestId as nextRequestId } from "./request-id.ts";
import { requestTarget } from "./request-target.ts";
import type { UpgradeRequest } from "./socket-face.ts";

export interface LinkUpgrade<Place> {
  /** Throws before anything is said to whoever may not even be greeted. */
  readonly admit: (facts: RequestFacts, record: RequestRecord) => Place;
  readonly opened: (socket: WebSocket, place: Place) => void;
}

export class LinkUpgrades {
  readonly #onAnswered: OnAnswered;
  readonly #sockets = linkSockets();

  constructor(onAnswered: OnAnswered) {
    this.#onAnswered = onAnswered;
    this.#sockets.on("wsClientError", (_error, socket) => endWith(socket, rawRefusal(noLink(), nextRequestId())));
  }

  /** Those that are open or close just now. */
  get sockets(): ReadonlySet<WebSocket> {
    return this.#sockets.clients;
  }

  upgrade<Place>({ request, socket, head }: UpgradeRequest, { admit, opened }: LinkUpgrade<Place>): void {
    const requestId = nextRequestId();
    const record = new RequestRecord(request, { requestId, face: "ws" }, this.#onAnswered);
    socket.on("error", () => socket.destroy());
    try {
      const facts = factsOf(request, requestTarget(request.url ?? "/"), "link");
      // No page has any business here, so the name that a request was made to proves nothing and is not looked at.
      if (facts.origin !== undefined) throw new FleettyError("origin_not_allowed", "pages do not speak over links");
      const place = admit(facts, record);
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        record.tell(101);
        webSocket.on("error", () => webSocket.terminate());
        opened(webSocket, place);
      });
    } catch (thrown) {
      const error = toFleettyError(thrown);
      record.code = error.code;
      record.tell(error.status);
      endWith(socket, rawRefusal(shown(error, requestId), requestId));
    }
  }
}

/** Throws `invalid_request` for a socket that is not for a link. */
export function requireLinkProtocol(request: IncomingMessage): void {
  if (!offersLink(request)) throw noLink();
}

function noLink(): FleettyError {
  return new FleettyError("invalid_request", `this path is for links between servers, which speak ${LINK_PROTOCOL}`);
}
