// Holds the shape of what a session host can be asked: a function for a row of the table. Types alone.
import type { ServeContext } from "@fleetty/protocol/link";
import type { LinkOperationName, OperationInput } from "@fleetty/protocol/operations";
import type { Host } from "./host.ts";

export type Handlers = {
  [Name in LinkOperationName]?: (host: Host, input: OperationInput<Name>, context: ServeContext) => unknown;
};
