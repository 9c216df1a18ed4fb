// `set_server_mode` of the older API: one method for what are two operations, of which one only reads.
import { plainAnswer } from "@fleetty/protocol/link";
import type { CallContext, HubCalls } from "../calls.ts";
import type { OwnMethod } from "./conversation.ts";

export interface ServerModeParts {
  readonly calls: HubCalls;
  readonly context: CallContext;
}

export function serverMode({ calls, context }: ServerModeParts): OwnMethod {
  return {
    isOfSession: false,
    run: async ({ params: { persistent }, server }) => {
      const at = server === undefined ? {} : { server };
      const answer =
        typeof persistent === "boolean"
          ? await calls.call("server.persist", { ...at, persistent }, context)
          : await calls.call("server.persist_get", at, context);
      return { result: plainAnswer(answer) };
    },
  };
}
