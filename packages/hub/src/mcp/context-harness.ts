// The context of a call as a test's MCP client makes it.
import { Gone } from "@fleetty/protocol/gone";
import { localCredential } from "../auth/credential.ts";
import type { CallContext } from "../calls.ts";

export function contextOf(principal: string, credential = localCredential()): CallContext {
  return {
    caller: {
      actor: { principal, kind: "agent", face: "mcp" },
      verbs: credential.facts.verbs,
      transport: "unix",
      isPrivate: true,
      credential,
    },
    gone: new Gone(),
    requestId: "req_test",
    attempt: (look) => look(),
    reachedAt: () => null,
  };
}
