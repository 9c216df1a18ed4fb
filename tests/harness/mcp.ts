// Talks MCP to a server as an agent's host does: with the official client, over HTTP or over the real `fleetty mcp`; and reads
// what tools answer.
import assert from "node:assert/strict";
import { Client, type ClientOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Answer } from "./http.ts";
import type { TestServer } from "./server.ts";

const INFO = { name: "a test", version: "1" };

/** Over HTTP, with a token. */
export async function mcpOverHttp(
  server: { tcp(): Promise<{ host: string; port: number }>; token: string },
  {
    path = "/mcp",
    token = server.token,
    options = {},
  }: { path?: string; token?: string; options?: ClientOptions } = {},
): Promise<McpClient> {
  const { host, port } = await server.tcp();
  const headers = { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(`http://${host}:${port}${path}`), {
    requestInit: { headers },
  });
  return McpClient.connect(new Client(INFO, options), transport, () => transport.terminateSession());
}

/** By the command, as hosts of agents start it. */
export function mcpOverStdio(server: TestServer, args: readonly string[] = []): Promise<McpClient> {
  const transport = new StdioClientTransport({
    command: server.launcher,
    args: ["-L", server.instance, "mcp", ...args],
    env: { ...server.home.env } as Record<string, string>,
    stderr: "inherit",
  });
  return McpClient.connect(new Client(INFO), transport);
}

/** Messages of an answer over HTTP, in whichever of its two forms it came. */
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
export function messagesOf({ headers, body, json }: Answer): any[] {
  if (!headers["content-type"]?.startsWith("text/event-stream")) return [json].flat();
  const events = body.toString("utf8").split("\n\n");
  return events.flatMap((event) => /^data: (.*)$/m.exec(event)?.[1] ?? []).map((data) => JSON.parse(data));
}

/** What a tool answered. */
export interface ToolAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  readonly json: any;
  readonly text: string;
  readonly structured: unknown;
  readonly isError: boolean;
}

export class McpClient {
  readonly client: Client;
  readonly #end: () => Promise<void>;

  private constructor(client: Client, end: () => Promise<void>) {
    this.client = client;
    this.#end = end;
  }

  static async connect(
    client: Client,
    transport: Parameters<Client["connect"]>[0],
    end: () => Promise<unknown> = async () => {},
  ): Promise<McpClient> {
    await client.connect(transport);
    return new McpClient(client, async () => {
      await end();
      await client.close();
    });
  }

  /** Calls a tool; the client checks structured content by the tool's schema. */
  async call(
    name: string,
    args: Record<string, unknown> = {},
    options: Parameters<Client["callTool"]>[1] = {},
  ): Promise<ToolAnswer> {
    const answer = await this.client.callTool({ name, arguments: args }, options);
    const [content] = answer.content as { type: string; text: string }[];
    assert.equal(content?.type, "text");
    const { text = "" } = content ?? {};
    return { json: JSON.parse(text), text, structured: answer.structuredContent, isError: answer.isError === true };
  }

  /** The same, of a call that is to succeed. */
  async json(name: string, args: Record<string, unknown> = {}): Promise<ToolAnswer["json"]> {
    const { json, isError, text } = await this.call(name, args);
    assert.equal(isError, false, text);
    return json;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
