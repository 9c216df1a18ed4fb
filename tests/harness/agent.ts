// An agent as its tools make it: the official MCP client, on the standard input of `fleetty mcp` or over HTTP, and nothing else.
// It goes on where an answer says that something is still waited for, and remembers all that it was told.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { LAUNCHER, type TestServer } from "./server.ts";
import { waitUntil } from "./wait-until.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
type Json = any;

/** What a tool refused, by its code. */
export class ToolRefusal extends Error {
  readonly code: string;

  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(`${message} [${code}]`);
    this.code = code;
  }
}

type Transport = Parameters<Client["connect"]>[0];

export class Agent {
  readonly #client: Client;
  readonly #prefix: string;
  /** What each of its tools takes, by name without prefix: a JSON Schema. */
  readonly tools: ReadonlyMap<string, object>;
  #heard = "";

  private constructor(client: Client, prefix: string, tools: readonly { name: string; inputSchema: object }[]) {
    this.#client = client;
    this.#prefix = prefix;
    this.tools = new Map(tools.map(({ name, inputSchema }) => [name.slice(prefix.length), inputSchema]));
  }

  /** As an agent on this machine starts it. `prefix`: before the names of its tools. */
  static overStdio(server: TestServer, prefix = ""): Promise<Agent> {
    const args = ["-L", server.instance, "mcp", ...(prefix === "" ? [] : ["--tool-prefix", prefix])];
    return Agent.#connect(new StdioClientTransport({ command: LAUNCHER, args, env: { ...server.home.env } }), prefix);
  }

  /** As one that is elsewhere reaches it, with a token. */
  static async overHttp(server: TestServer, prefix = ""): Promise<Agent> {
    const { host, port } = await server.tcp();
    const url = new URL(`http://${host}:${port}/mcp`);
    if (prefix !== "") url.searchParams.set("tool_prefix", prefix);
    const requestInit = { headers: { authorization: `Bearer ${server.token}` } };
    return Agent.#connect(new StreamableHTTPClientTransport(url, { requestInit }), prefix);
  }

  static async #connect(transport: Transport, prefix: string): Promise<Agent> {
    const client = new Client({ name: "agent", version: "1.0.0" });
    await client.connect(transport);
    // From then on the client holds every answer to the schema of its tool.
    const { tools } = await client.listTools();
    return new Agent(client, prefix, tools);
  }

  get prefix(): string {
    return this.#prefix;
  }

  /** All text that it was answered, as the model would read it. */
  get heard(): string {
    return this.#heard;
  }

  /** Calls a tool by its name without prefix, and goes on with it while it waits. Throws `ToolRefusal`. */
  async call(tool: string, args: Readonly<Record<string, unknown>> = {}): Promise<Json> {
    for (let asked = args; ; ) {
      const answer = await this.#callOnce(tool, asked);
      if (answer.status !== "waiting") return answer;
      asked = { resume: answer.resume };
    }
  }

  /** The code with which it is refused; none when it is not. */
  async refusal(tool: string, args: Readonly<Record<string, unknown>>): Promise<string | null> {
    return this.call(tool, args).then(
      () => null,
      (thrown) => {
        if (thrown instanceof ToolRefusal) return thrown.code;
        throw thrown;
      },
    );
  }

  /** Rows of its screen, one to a line. */
  async screen(session: string): Promise<string> {
    const { lines } = await this.call("get_screen", { session, format: "plain" });
    return lines.join("\n");
  }

  /** Looks at it until it shows that; the screen then. */
  async shows(session: string, text: string): Promise<string> {
    let seen = "";
    const does = async () => {
      seen = await this.screen(session);
      return seen.includes(text) && seen;
    };
    return waitUntil(`${session} shows ${text}`, does, { seen: () => seen });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  async #callOnce(tool: string, args: Readonly<Record<string, unknown>>): Promise<Json> {
    const { content, structuredContent, isError } = await this.#client
      .callTool({ name: `${this.#prefix}${tool}`, arguments: args })
      .catch((thrown) => {
        throw thrown.data?.code === undefined ? thrown : new ToolRefusal(thrown.data);
      });
    const [first] = content;
    const text = first?.type === "text" ? first.text : "";
    this.#heard += `${text}\n`;
    if (isError) throw new ToolRefusal(JSON.parse(text).error);
    return structuredContent ?? JSON.parse(text);
  }
}
