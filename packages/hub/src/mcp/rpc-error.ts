// Says as JSON-RPC does what went wrong outside of tools: what the client can mend, or what it cannot. Pure.
import { toFleettyError } from "@fleetty/protocol/errors";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { seenRefusal } from "./tool-answer.ts";

export function rpcError(thrown: unknown, requestId: string): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const error = toFleettyError(thrown);
  const code = error.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  const wire = seenRefusal(error, requestId);
  return new ProtocolError(code, wire.message, wire);
}

export function wrongParams(method: string): ProtocolError {
  const message = `the params of ${method} are of the wrong shape; see the MCP specification`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message, { code: "invalid_request", message });
}
