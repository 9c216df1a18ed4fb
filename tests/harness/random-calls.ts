// Makes calls of MCP tools, and other requests of MCP, that no client would make, from nothing but what a server lists of its
// tools. The same for a seed and a number, but for what answers have told meanwhile.
import { operations } from "@fleetty/protocol/operations";
import { Dice } from "./dice.ts";
import type { Learned } from "./learned.ts";
import { RandomMembers } from "./random-members.ts";
import { jsonObject, jsonText, type Schema, Verbatim } from "./schema-values.ts";

/** As a server lists it. */
export interface OfferedTool {
  readonly name: string;
  readonly inputSchema: Schema;
  readonly outputSchema?: Schema;
}

export interface RandomCall {
  /** Null for what is no call of a tool. */
  readonly tool: OfferedTool | null;
  readonly method: string;
  readonly id: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What else is asked: of resources, prompts, and nothing that there is. */
const OTHERS: readonly (readonly [string, unknown])[] = [
  ["tools/list", {}],
  ["tools/list", { cursor: "x" }],
  ["tools/call", {}],
  ["tools/call", { name: "no_tool", arguments: {} }],
  ["tools/call", { name: 7 }],
  ["resources/list", {}],
  ["resources/templates/list", {}],
  ["resources/read", { uri: "fleetty://sessions" }],
  ["resources/read", { uri: "fleetty://servers" }],
  ["resources/read", { uri: "fleetty://sessions/one/screen" }],
  ["resources/read", { uri: "fleetty://sessions/two/scrollback" }],
  ["resources/read", { uri: "wsh://sessions/three/screen" }],
  ["resources/read", { uri: "file:///etc/passwd" }],
  ["resources/read", { uri: "\ud800" }],
  ["resources/subscribe", { uri: "fleetty://sessions/one/screen" }],
  ["resources/unsubscribe", { uri: "fleetty://sessions/one/screen" }],
  ["prompts/list", {}],
  ["prompts/get", { name: "fleetty:core" }],
  ["prompts/get", { name: "nothing" }],
  ["ping", {}],
  ["logging/setLevel", { level: "debug" }],
  ["completion/complete", {}],
  ["no/such/method", { a: 1 }],
  ["initialize", {}],
];

/** No request of JSON-RPC at all, or none that is taken. */
const NO_REQUESTS = ["", "{", "[]", "{}", "null", '"x"', '{"jsonrpc":"1.0","id":1,"method":"ping"}', "[".repeat(5_000)];
const ODD_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { accept: "application/json" },
  { accept: "text/html" },
  { "content-type": "text/plain" },
  { "mcp-session-id": "nobody" },
  { "mcp-protocol-version": "1999-01-01" },
];

/** Sessions that are there all the time, by the tools that they are for. */
const STEADY_FOR: readonly (readonly [RegExp, string])[] = [
  [/^(wsh_)?(run|overlay|panel|input_mode)$/, "shell"],
  [/send_secret$/, "asks"],
];

export interface RandomCallsOptions {
  readonly seed: number;
  readonly learned: Learned;
  readonly tools: readonly OfferedTool[];
}

export class RandomCalls {
  readonly #options: RandomCallsOptions;

  constructor(options: RandomCallsOptions) {
    this.#options = options;
  }

  make(number: number): RandomCall {
    const { seed, tools } = this.#options;
    const dice = new Dice(seed * 800_011 + number);
    const headers = dice.chance(0.01) ? dice.of(ODD_HEADERS) : {};
    const common = { id: number, headers, tool: null };
    if (dice.chance(0.01)) return { ...common, method: "none", body: dice.of(NO_REQUESTS) };
    if (dice.chance(0.1)) {
      const [method, params] = dice.of(OTHERS);
      return { ...common, method, body: said(number, method, jsonText(params)) };
    }
    const tool = new Dice(seed * 5_003 + Math.floor(number / tools.length)).shuffled(tools)[number % tools.length];
    const args = dice.chance(0.98) ? this.#arguments(dice, tool as OfferedTool) : jsonText(dice.of([null, [], "x", 1]));
    const params = jsonObject([
      ["name", (tool as OfferedTool).name],
      ["arguments", new Verbatim(args)],
    ]);
    return { ...common, tool: tool as OfferedTool, method: "tools/call", body: said(number, "tools/call", params) };
  }

  #arguments(dice: Dice, { name, inputSchema }: OfferedTool): string {
    const { learned } = this.#options;
    const { properties = {}, required = [] } = inputSchema;
    const row = /(^|_)run$/.test(name) ? operations["sessions.run"] : null;
    const members = new RandomMembers({ dice, learned, row, leaves: false });
    const some = members.some({ members: new Map(Object.entries(properties)), required });
    const steady = STEADY_FOR.find(([tool]) => tool.test(name))?.[1];
    if (steady === undefined || !dice.chance(0.5)) return jsonObject(some);
    return jsonObject([...some.filter(([member]) => member !== "session"), ["session", steady]]);
  }
}

function said(id: number, method: string, params: string): string {
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`;
}
