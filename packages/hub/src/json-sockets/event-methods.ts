// `subscribe_events` and `unsubscribe_events`: the events of the fleet, as `GET /events` has them, on a JSON WebSocket.
import type { OperationInput } from "@fleetty/protocol/operations";
import type { CallContext, HubCalls } from "../calls.ts";
import type { OwnAnswer, OwnMethod } from "./conversation.ts";
import { FollowedEvents } from "./followed-events.ts";
import { inputOf, type Method, type Methods } from "./methods.ts";
import type { SocketRequest } from "./request-frame.ts";
import type { SocketOut } from "./socket-out.ts";

export interface EventMethodsParts {
  readonly calls: HubCalls;
  readonly methods: Methods;
  readonly context: CallContext;
  readonly out: SocketOut;
}

export class EventMethods {
  readonly subscribe: OwnMethod = { isOfSession: false, run: (request) => this.#subscribe(request) };
  readonly unsubscribe: OwnMethod = { isOfSession: false, run: async () => ({ result: this.close() }) };
  readonly #parts: EventMethodsParts;
  readonly #followed: FollowedEvents;

  constructor(parts: EventMethodsParts) {
    this.#parts = parts;
    this.#followed = new FollowedEvents(parts.out);
  }

  close(): void {
    this.#followed.close();
  }

  async #subscribe(request: SocketRequest): Promise<OwnAnswer> {
    const { calls, methods, context } = this.#parts;
    const wish = inputOf(methods.get("subscribe_events") as Method, request, null);
    const stream = await calls.follow(wish as OperationInput<"events.stream">, context);
    const { cursor } = stream.hello;
    const next = () => this.#followed.follow(stream, (event) => [{ event: "fleet", params: event }]);
    return { result: { cursor }, next };
  }
}
