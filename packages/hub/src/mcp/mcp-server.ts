// Puts together what one client talks to: the SDK's protocol over the list of tools, resources and prompts, each asked as the
// caller of the very request. Knows no transport, and calls no tool.
import type { Server, ServerContext } from "@modelcontextprotocol/server";
import type { CallContext, HubCalls } from "../calls.ts";
import { instructions } from "./instructions.ts";
import { McpProtocol } from "./mcp-protocol.ts";
import { getPrompt, listPrompts } from "./prompts.ts";
import type { ResourceNews } from "./resource-news.ts";
import { listTemplates, Resources } from "./resources.ts";
import { rpcError } from "./rpc-error.ts";
import type { Style, Tool } from "./tool.ts";

/** Newest first: it is what a client gets that asks for another one. */
export const REVISIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

export interface McpServerParts {
  readonly calls: HubCalls;
  readonly version: string;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly prefix: string;
  readonly style: Style;
  readonly news: ResourceNews;
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
  const resources = new Resources(calls, style);
  const asCaller = <T>(context: ServerContext, ask: (caller: CallContext) => Promise<T>) => {
    const caller = contextOf(context.mcpReq.id);
    return ask(caller).catch((thrown: unknown) => {
      throw rpcError(thrown, caller.requestId);
    });
  };
  const listed = [...tools.values()].map((tool) => listing(tool, tools, prefix));
  server.setRequestHandler("tools/list", () => ({ tools: listed }));
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
