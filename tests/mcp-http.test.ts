// The way of MCP over HTTP as a stranger meets it: statuses, admission, sessions and whose they are. With curl, and with requests
// of our own where a client of the protocol would not send them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import type { Answer, Ask } from "./harness/http.ts";
import { mcpOverHttp, messagesOf } from "./harness/mcp.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";

const BOTH = "application/json, text/event-stream";
const GREETING = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a stranger", version: "1" } },
};
const LIST = { jsonrpc: "2.0", id: 2, method: "tools/list" };

describe("MCP over HTTP", () => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ tcp: true, args: ["--base-prefix", "/base", "--hostname", "here"] });
  });

  after(() => server[Symbol.asyncDispose]());

  const post = (body: unknown, { session, ...more }: Partial<Ask> & { session?: string } = {}, token?: string) => {
    const own = { accept: BOTH, ...(session !== undefined && { "mcp-session-id": session }) };
    return server.askTcp({ path: "/base/mcp", body, ...more, headers: { ...own, ...more.headers } }, token);
  };
  const begin = async (query = "", greeting: unknown = GREETING): Promise<string> => {
    const { status, headers } = await post(greeting, { path: `/base/mcp${query}` });
    assert.equal(status, 200);
    return String(headers["mcp-session-id"]);
  };
  const resultOf = (answer: Answer) => messagesOf(answer)[0].result;
  const toolsOf = (answer: Answer) => resultOf(answer).tools.map(({ name }: { name: string }) => name) as string[];

  it("blames who sends params of the wrong shape, and nothing inside", async () => {
    const session = await begin();
    for (const asked of [
      { method: "initialize", params: {} },
      { method: "tools/call", params: { name: 7 } },
      { method: "resources/read", params: {} },
      { method: "prompts/get", params: { name: [] } },
    ]) {
      const [{ error }] = messagesOf(await post({ jsonrpc: "2.0", id: 3, ...asked }, { session }));
      assert.equal(error.code, -32602, asked.method);
    }
  });

  it("has each status that it should, by curl", async () => {
    const { host, port } = await server.tcp();
    const curl = async (...args: string[]) => {
      const url = `http://${host}:${port}/base/mcp`;
      const { stdout } = await promisify(execFile)("curl", [
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        ...args,
        url,
      ]);
      return Number(stdout);
    };
    const bearer = ["-H", `Authorization: Bearer ${server.token}`];
    const json = ["-H", "Content-Type: application/json"];
    const accept = ["-H", `Accept: ${BOTH}`];
    const data = (body: unknown) => ["-d", JSON.stringify(body)];
    assert.equal(await curl(...bearer, ...json, ...accept, ...data(GREETING)), 200);
    assert.equal(await curl(...json, ...accept, ...data(GREETING)), 401);
    assert.equal(await curl("-H", "Authorization: Bearer nonsense", ...json, ...accept, ...data(GREETING)), 403);
    assert.equal(await curl(...bearer, "-H", "Content-Type: text/plain", ...accept, ...data(GREETING)), 415);
    assert.equal(await curl(...bearer, ...json, "-H", "Accept: application/json", ...data(GREETING)), 406);
    assert.equal(await curl(...bearer, ...json, "-H", "Accept: text/event-stream", ...data(GREETING)), 406);
    assert.equal(await curl(...bearer, ...json, ...accept, ...data(LIST)), 400);
    assert.equal(await curl(...bearer, ...json, ...accept, "-H", "Mcp-Session-Id: nobody", ...data(LIST)), 404);
    assert.equal(
      await curl(...bearer, ...json, ...accept, "-H", "Origin: https://evil.example", ...data(GREETING)),
      403,
    );
    assert.equal(await curl(...bearer, ...json, ...accept, "-H", "Host: evil.example", ...data(GREETING)), 403);
    assert.equal(await curl(...bearer, "-X", "PUT", ...json, ...accept, ...data(GREETING)), 405);
  });

  it("takes what wants no answer with 202, ends with DELETE, and is no more", async () => {
    const session = await begin();
    assert.equal((await post({ jsonrpc: "2.0", method: "notifications/initialized" }, { session })).status, 202);
    assert.equal((await post(LIST, { session })).status, 200);
    const ended = await server.askTcp({ method: "DELETE", path: "/base/mcp", headers: { "mcp-session-id": session } });
    assert.equal(ended.status, 204);
    assertRefused(await post(LIST, { session }), "not_found");
  });

  it("is its beginner's alone", async () => {
    const session = await begin();
    const body = { name: "other", verbs: ["observe"] };
    const { token } = (await server.askTcp({ path: "/base/tokens", body })).json;
    assertRefused(await post(LIST, { session }, token), "not_found");
    assertRefused(
      await server.ask({ path: "/mcp", body: LIST, headers: { accept: BOTH, "mcp-session-id": session } }),
      "not_found",
    );
    assert.equal((await post(LIST, { session })).status, 200);
  });

  it("is refused for what is no message, in the envelope", async () => {
    const session = await begin();
    for (const body of [{}, [], { jsonrpc: "2.0", id: {}, method: "x" }, "text", [GREETING, LIST]])
      assertRefused(
        await post(JSON.stringify(body), { headers: { "content-type": "application/json" } }),
        "invalid_request",
      );
    assertRefused(await post("{", { session, headers: { "content-type": "application/json" } }), "invalid_json");
    assertRefused(await post(LIST, { session, headers: { "mcp-protocol-version": "1999-01-01" } }), "invalid_request");
    assertRefused(await post(GREETING, { path: "/base/mcp?tool_prefix=A!" }), "invalid_query");
    assertRefused(await post([LIST, LIST], { session }), "invalid_request");
    assertRefused(await post({ ...LIST, id: "i".repeat(1025) }, { session }), "invalid_request");
    assert.equal((await post({ ...LIST, id: "i".repeat(1024) }, { session })).status, 200);
  });

  it("has a thousand requests of one client under way, and no more", async () => {
    await server.askTcp({ path: "/base/sessions", body: { name: "still", argv: ["sleep", "600"] } });
    const named = { name: "patient", verbs: ["observe"] };
    const { token } = (await server.askTcp({ path: "/base/tokens", body: named })).json;
    const session = String((await post(GREETING, {}, token)).headers["mcp-session-id"]);
    const params = { name: "wait", arguments: { session: "still", until: { exit: true } } };
    const waits = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...LIST, id: from + at, method: "tools/call", params }));
    const { host, port } = await server.tcp();
    const headers = { authorization: `Bearer ${token}`, accept: BOTH, "mcp-session-id": session };
    // Their heads are answered as soon as they are under way.
    const underWay = (body: object) =>
      fetch(`http://${host}:${port}/base/mcp`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const calls = await Promise.all(
      Array.from({ length: 16 }, (_, at) => underWay(waits(1_000 * (at + 1), at === 15 ? 40 : 64))),
    );
    for (const { status } of calls) assert.equal(status, 200);
    assertRefused(await post(LIST, { session }, token), "resource_limit_reached");
    const ended = await server.askTcp({ method: "DELETE", path: "/base/mcp", headers }, token);
    assert.equal(ended.status, 204);
    await Promise.all(calls.map((call) => call.text()));
  });

  it("answers several messages of one body together", async () => {
    const session = await begin();
    const answers = messagesOf(await post([LIST, { ...LIST, id: 3, method: "prompts/list" }], { session }));
    assert.deepEqual(new Set(answers.map(({ id }) => id)), new Set([2, 3]));
  });

  it("speaks every revision from 2024-11-05 on, and structures results from 2025-06-18", async () => {
    for (const revision of ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]) {
      const greeting = { ...GREETING, params: { ...GREETING.params, protocolVersion: revision } };
      const greeted = await post(greeting);
      assert.equal(resultOf(greeted).protocolVersion, revision);
      const session = String(greeted.headers["mcp-session-id"]);
      const call = { ...LIST, method: "tools/call", params: { name: "list_servers", arguments: {} } };
      const result = resultOf(await post(call, { session }));
      assert.equal(result.structuredContent !== undefined, revision >= "2025-06-18", revision);
      assert.equal(JSON.parse(result.content[0].text).local_hostname, "here");
    }
    const unknown = { ...GREETING, params: { ...GREETING.params, protocolVersion: "2031-01-01" } };
    assert.equal(resultOf(await post(unknown)).protocolVersion, "2025-11-25");
  });

  it("puts the prefix that a client asks for before every tool, and else that of the server", async () => {
    const plain = toolsOf(await post(LIST, { session: await begin() }));
    const mine = toolsOf(await post(LIST, { session: await begin("?tool_prefix=f_") }));
    assert.deepEqual(
      mine,
      plain.map((name) => `f_${name}`),
    );
  });

  it("ends with the credential that it was begun with", async () => {
    const body = { name: "brief", verbs: ["observe"] };
    const { token, id } = (await server.askTcp({ path: "/base/tokens", body })).json;
    const greeted = await post(GREETING, {}, token);
    const headers = { accept: "text/event-stream", "mcp-session-id": String(greeted.headers["mcp-session-id"]) };
    const listening = server.askTcp({ path: "/base/mcp", headers }, token);
    const revoked = await server.askTcp({ method: "DELETE", path: `/base/tokens/${id}` });
    assert.equal(revoked.status, 204);
    // The stream that it held open ends with it.
    assert.equal((await listening).status, 200);
  });

  it("answers a call that is under way when its session ends", async () => {
    await server.askTcp({ path: "/base/sessions", body: { name: "calm", argv: ["sleep", "600"] } });
    const session = await begin();
    const params = { name: "wait", arguments: { session: "calm", until: { exit: true } } };
    const { host, port } = await server.tcp();
    // Its head is answered as soon as it is under way.
    const call = await fetch(`http://${host}:${port}/base/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${server.token}`,
        "content-type": "application/json",
        accept: BOTH,
        "mcp-session-id": session,
      },
      body: JSON.stringify({ ...LIST, method: "tools/call", params }),
    });
    assert.equal(call.headers.get("content-type"), "text/event-stream");
    await server.askTcp({ method: "DELETE", path: "/base/mcp", headers: { "mcp-session-id": session } });
    const { id, error } = JSON.parse(/^data: (.*)$/m.exec(await call.text())?.[1] ?? "{}");
    assert.deepEqual([id, error.data.code], [LIST.id, "server_unavailable"]);
  });

  it("shows a bounded token its own sessions and no others", async () => {
    await server.askTcp({ path: "/base/sessions", body: { name: "seen", command: "sleep 600", tags: ["mine"] } });
    await server.askTcp({ path: "/base/sessions", body: { name: "hidden", command: "sleep 600" } });
    const body = { name: "bounded", verbs: ["observe"], tags: ["mine"] };
    const { token } = (await server.askTcp({ path: "/base/tokens", body })).json;
    await using agent = await mcpOverHttp({ tcp: () => server.tcp(), token }, { path: "/base/mcp" });
    const listed = await agent.json("list_sessions");
    assert.deepEqual(
      listed.map(({ name }: { name: string }) => name),
      ["seen"],
    );
    assert.equal((await agent.call("get_screen", { session: "hidden" })).json.error.code, "session_not_found");
    assert.equal((await agent.call("send_input", { session: "seen", input: "x" })).json.error.code, "forbidden");
    const { resources } = await agent.client.listResources();
    assert.ok(
      resources.some(({ uri }) => uri.includes("seen")) && !resources.some(({ uri }) => uri.includes("hidden")),
    );
  });
});
