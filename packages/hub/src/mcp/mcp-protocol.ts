// The SDK's protocol of a server, but that params of the wrong shape are the caller's fault, as JSON-RPC has it: the SDK checks
// them before a handler is asked, and says of them that something broke inside. Knows no method.
import {
  type JSONRPCRequest,
  ProtocolError,
  type Result,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { wrongParams } from "./rpc-error.ts";

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/** Its handlers throw ProtocolErrors, and nothing else. */
export class McpProtocol extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const wrapped = super._wrapHandler(method, handler);
    return async (request, context) => {
      try {
        return await wrapped(request, context);
      } catch (thrown) {
        throw thrown instanceof ProtocolError ? thrown : wrongParams(method);
      }
    };
  }
}
