// The JSON WebSockets: opens one session's, or the fleet's, for whoever has been let in.
import type { OperationInput } from "@fleetty/protocol/operations";
import type { Logger } from "pino";
import type { HubCalls } from "../calls.ts";
import type { Methods } from "../json-sockets/methods.ts";
import { FleetSocket } from "./fleet-socket.ts";
import { SessionSocket } from "./session-socket.ts";
import type { AskedSocket, SocketService } from "./socket-face.ts";

export interface JsonSocketsOptions {
  readonly calls: HubCalls;
  readonly methods: Methods;
  readonly log: Logger;
}

export class JsonSockets {
  readonly #options: JsonSocketsOptions;

  constructor(options: JsonSocketsOptions) {
    this.#options = options;
  }

  async ofSession({ input, context }: AskedSocket): Promise<SocketService> {
    const observed = await this.#options.calls.observe(input as OperationInput<"sessions.socket">, context);
    return new SessionSocket(observed, { ...this.#options, context });
  }

  async ofFleet({ input, context }: AskedSocket): Promise<SocketService> {
    const life = await this.#options.calls.announce(input as OperationInput<"fleet.socket">, context);
    return new FleetSocket(life, { ...this.#options, context });
  }
}
