// Asks random requests over MCP, with the tools as we name them or as clients of the compat API know them, and holds each answer
// to the law: that of MCP, the schema that the tool is listed with, and the one catalogue of refusals.
import assert from "node:assert/strict";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { told } from "./described-answers.ts";
import { type Fuzzed, type Outcome, type RandomFace, Unlawful } from "./fuzzing.ts";
import { McpPosts, type Message, type Posted } from "./mcp-posts.ts";
import { type OfferedTool, type RandomCall, RandomCalls } from "./random-calls.ts";
import { closed } from "./strict-outputs.ts";

/** Of a request to any face (public limits). */
const BODY_MAX_BYTES = 1_048_576;
/** Statuses of what is no request of MCP, or not one of this session. */
const NO_REQUEST = [400, 404, 406, 413, 415];
/** Codes of JSON-RPC 2.0 (5.1) and of MCP for what the caller has done wrong. */
const CALLERS_FAULT = [-32700, -32600, -32601, -32602, -32002];

/** What holds this may be nested more deeply than is read. */
const DEEP = "[".repeat(60);
/** They tell of whichever session there is, also of one that nobody is to meddle with. */
const OF_ANY = /await_idle|wait_fleet/;

export class McpFace implements RandomFace {
  readonly #fuzzed: Fuzzed;
  readonly #prefix: string;
  #begun: Promise<Begun> | null = null;

  constructor(fuzzed: Fuzzed, prefix: string) {
    this.#fuzzed = fuzzed;
    this.#prefix = prefix;
  }

  async ask(number: number): Promise<Outcome> {
    this.#begun ??= this.#begin();
    const { posts, calls, offers } = await this.#begun;
    const call = calls.make(number);
    const rows = offers.get(call.tool?.name ?? "")?.rows ?? [];
    const of = rows.length === 1 ? (rows[0] as AnyOperation).name : `mcp ${call.tool?.name ?? call.method}`;
    try {
      const posted = await posts.post(call.body, call.headers);
      return { of, code: this.#judged(posted, call, offers) };
    } catch (cause) {
      throw new Unlawful(`${(cause as Error).message}\n${of} over MCP`, call.body, cause);
    }
  }

  close(): void {
    // Where the server has gone there is nothing to end.
    void this.#begun?.then(({ posts }) => posts.end()).catch(() => {});
  }

  async #begin(): Promise<Begun> {
    const { seed, learned, unix } = this.#fuzzed;
    const posts = await McpPosts.begin(unix, this.#prefix);
    const { tools } = (await posts.result("tools/list")) as { readonly tools: readonly OfferedTool[] };
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false, strictTypes: false });
    const offers = tools.map(({ name, outputSchema }) => {
      const rows = rowsOf(name.slice(this.#prefix.length));
      return [name, { rows, result: ajv.compile(closed(outputSchema) as object) }] as const;
    });
    return { posts, calls: new RandomCalls({ seed, learned, tools }), offers: new Map(offers) };
  }

  #judged(posted: Posted, call: RandomCall, offers: Begun["offers"]): string {
    try {
      return this.#check(posted, call, offers);
    } catch (cause) {
      const { status, body } = posted.answer;
      const seen = `answered ${status} ${body.toString("utf8").slice(0, 1_500)}`;
      throw new Error(`${(cause as Error).message}; ${seen}`, { cause });
    }
  }

  #check({ answer, messages }: Posted, call: RandomCall, offers: Begun["offers"]): string {
    if (answer.status === 413 && Buffer.byteLength(call.body) > BODY_MAX_BYTES) return "body_too_large";
    if (answer.status !== 200) {
      const isOdd = call.method === "none" || Object.keys(call.headers).length > 0 || call.body.includes(DEEP);
      assert.ok(isOdd && NO_REQUEST.includes(answer.status), `${answer.status} for a request of MCP`);
      return String(answer.json?.error?.code);
    }
    const response = messages.find((message) => "result" in message || "error" in message);
    assert.ok(response, "there is no answer");
    for (const message of messages) assert.equal(message.jsonrpc, "2.0");
    if (call.method === "none") return `rpc ${response.error.code}`;
    assert.equal(response.id, call.id);
    const offered = offers.get(call.tool?.name ?? "") ?? NOTHING;
    if (response.error) return this.#checkRpcError(response.error, offered.rows);
    if (call.method !== "tools/call") return "ok";
    const code = this.#checkResult(response.result, offered);
    const { structuredContent } = response.result;
    if (structuredContent && !OF_ANY.test(call.tool?.name ?? "")) this.#fuzzed.learned.take(structuredContent);
    return code;
  }

  #checkRpcError({ code, message, data }: Message, rows: readonly AnyOperation[]): string {
    assert.ok(typeof message === "string" && message !== "");
    if (data?.code === undefined) {
      assert.ok(CALLERS_FAULT.includes(code), `${code}: ${message}`);
      return `rpc ${code}`;
    }
    return this.#fuzzed.law.checkRefusal(rows, data);
  }

  #checkResult({ content, structuredContent, isError = false }: Message, { rows, result }: Offered): string {
    assert.equal(content.length, 1);
    assert.equal(content[0].type, "text");
    const said = JSON.parse(content[0].text);
    if (isError && typeof said.error === "string") return "idle_timeout";
    if (isError) return this.#fuzzed.law.checkRefusal(rows, said.error);
    const isLawful: boolean = result?.(structuredContent) ?? false;
    assert.ok(isLawful, `not of its schema: ${told(result?.errors)}`);
    if (Array.isArray(said)) assert.deepEqual(structuredContent.items, said);
    else assert.ok(isSame(structuredContent, said), "its text says something else");
    // Other tools tell of sessions that nobody is to meddle with.
    if (rows[0] === operations["sessions.create"] && said.id?.startsWith("ses_")) this.#fuzzed.onMade(said.id);
    return said.status === "waiting" ? "waiting" : "ok";
  }
}

interface Begun {
  readonly posts: McpPosts;
  readonly calls: RandomCalls;
  /** By the tool's name. */
  readonly offers: ReadonlyMap<string, Offered>;
}

interface Offered {
  /** The operations that it is made of. */
  readonly rows: readonly AnyOperation[];
  /** What its structured content is held to. */
  readonly result: ValidateFunction | null;
}

const NOTHING: Offered = { rows: [], result: null };

function rowsOf(tool: string): readonly AnyOperation[] {
  const rows: AnyOperation[] = Object.values(operations);
  return rows.filter(({ tool: form }) => [form, ...(form?.also ?? [])].some((one) => one?.name === tool));
}

/** One of a list is told as itself, and as a list of one where the structure is that of a list. */
function isSame(structured: Message, said: Message): boolean {
  const alone = Object.keys(structured).every((member) => member === "items") ? structured.items?.[0] : undefined;
  return [structured, alone].some((one) => JSON.stringify(one) === JSON.stringify(said));
}
