// The SDK's protocol of a server, but that params of the wrong shape are the caller's fault, as JSON-RPC has it: the SDK checks
// them before a handler is asked, and says of them that something broke inside. What the SDK puts around handlers besides is
// left out: it serves a revision that is not spoken here, and reads each call and its answer by their schemas once more, which
// takes longer than all else that is done for a call. Knows no method.
import {
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/** Its handlers throw ProtocolErrors, and nothing else. */
export class McpProtocol extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    return async (request, context) => {
      try {
        return await handler(request, context);
      } catch (thrown) {
        throw thrown instanceof ProtocolError ? thrown : wrongParams(method);
      }
    };
  }
}

function wrongParams(method: string): ProtocolError {
  const message = `the params of ${method} are of the wrong shape; see the MCP specification`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message, { code: "invalid_request", message });
}
