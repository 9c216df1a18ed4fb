// Puts together what one client talks to: the SDK's protocol over tools, resources and prompts, each asked as the caller of the
// very request. Knows no transport.
import { toFleettyError } from "@fleetty/protocol/errors";
import {
  ProtocolError,
  ProtocolErrorCode,
  type Request,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { CallContext, HubCalls } from "../calls.ts";
import { instructions } from "./instructions.ts";
import { McpProtocol } from "./mcp-protocol.ts";
import type { PendingCalls } from "./pending-calls.ts";
import { getPrompt, listPrompts } from "./prompts.ts";
import type { ResourceNews } from "./resource-news.ts";
import { listTemplates, Resources } from "./resources.ts";
import type { Members, Style, Tool } from "./tool.ts";
import { seenRefusal } from "./tool-answer.ts";
import { type Came, ToolCalls } from "./tool-calls.ts";

/** Newest first: it is what a client gets that asks for another one. */
export const REVISIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/** How often a client hears that a long call goes on, if it wants to. */
const PROGRESS_EVERY_MS = 2_000;

export interface McpServerParts {
  readonly calls: HubCalls;
  readonly version: string;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly prefix: string;
  readonly style: Style;
  readonly pending: PendingCalls<Came>;
  readonly news: ResourceNews;
  /** Longest time of one call, in ms. */
  readonly callMaxMs?: number;
  /** Of the request with this id, which is under way. */
  readonly contextOf: (id: string | number) => CallContext;
}

export function makeMcpServer(parts: McpServerParts): Server {
  const { calls, style, news, tools, prefix, contextOf } = parts;
  const server = new McpProtocol(
    { name: "fleetty", version: parts.version },
    {
      capabilities: { tools: {}, resources: { subscribe: true, listChanged: true }, prompts: {} },
      instructions: instructions(prefix),
      supportedProtocolVersions: REVISIONS,
    },
  );
  const toolCalls = new ToolCalls(parts);
  const resources = new Resources(calls, style);
  const asCaller = <T>(context: ServerContext, ask: (caller: CallContext) => Promise<T>) => {
    const caller = contextOf(context.mcpReq.id);
    return ask(caller).catch((thrown: unknown) => {
      throw rpcError(thrown, caller.requestId);
    });
  };
  const revision = () => server.getNegotiatedProtocolVersion() ?? (REVISIONS[0] as string);
  const listed = [...tools.values()].map((tool) => listing(tool, tools, prefix));
  server.setRequestHandler("tools/list", () => ({ tools: listed }));
  server.setRequestHandler("tools/call", ({ params }, context) =>
    withProgress(context, () =>
      asCaller(context, (caller) =>
        toolCalls.call({
          name: params.name,
          args: (params.arguments ?? {}) as Members,
          context: caller,
          revision: revision(),
          signal: context.mcpReq.signal,
        }),
      ),
    ),
  );
  server.setRequestHandler("prompts/list", (_, context) =>
    asCaller(context, async () => ({ prompts: await listPrompts(style) })),
  );
  server.setRequestHandler("prompts/get", ({ params }, context) =>
    asCaller(context, () => getPrompt(params.name, style)),
  );
  server.setRequestHandler("resources/list", ({ params }, context) =>
    asCaller(context, (caller) => resources.list(params?.cursor, caller)),
  );
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: listTemplates(style) }));
  server.setRequestHandler("resources/read", ({ params }, context) =>
    asCaller(context, (caller) => resources.read(params.uri, caller)),
  );
  server.setRequestHandler("resources/subscribe", ({ params }, context) =>
    asCaller(context, async (caller) => {
      await news.subscribe(params.uri, caller);
      return {};
    }),
  );
  server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    news.unsubscribe(params.uri);
    return {};
  });
  return server;
}

/** Tools name each other between backticks. */
function listing(
  { name, description, inputSchema, outputSchema, annotations }: Tool,
  others: McpServerParts["tools"],
  prefix: string,
) {
  return {
    name: `${prefix}${name}`,
    description: description.replace(/`(\w+)`/g, (said, other) => (others.has(other) ? `\`${prefix}${other}\`` : said)),
    inputSchema: inputSchema as { type: "object" },
    outputSchema: outputSchema as { type: "object" },
    annotations,
  };
}

/** Refusals outside of tools: what the client can mend, or what it cannot. */
function rpcError(thrown: unknown, requestId: string): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const error = toFleettyError(thrown);
  const code = error.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  const wire = seenRefusal(error, requestId);
  return new ProtocolError(code, wire.message, wire);
}

/** A client that gave a token hears that its call goes on. */
async function withProgress<T>(context: ServerContext, work: () => Promise<T>): Promise<T> {
  const { _meta: meta, notify } = context.mcpReq;
  const token = (meta as { progressToken?: string | number } | undefined)?.progressToken;
  if (token === undefined) return work();
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    const progress = Math.round((performance.now() - startedAtMs) / 1_000);
    const params = { progressToken: token, progress, message: `under way for ${progress} s` };
    notify({ method: "notifications/progress", params } as Request).catch(() => {});
  }, PROGRESS_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
