import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { FakeServer } from "../test/fake-server.ts";
import { type Client, connect } from "./index.ts";

describe("a client over a unix socket", () => {
  const server = new FakeServer();
  let client: Client;

  before(async () => {
    await server.start();
    server.session("build").print("hello\n");
    client = connect({ socket: server.socket });
  });

  after(async () => {
    client.close();
    await server.stop();
  });

  it("has one method for each row of the table", async () => {
    const [session] = await client.sessions.list();
    assert.equal(session?.name, "build");
    assert.equal((await client.sessions.get({ session: "build" })).id, session.id);
    assert.equal((await client.call("sessions.get", { session: "build" })).id, session.id);
  });

  it("types bytes as the raw body, given as bytes or as base64", async () => {
    const session = server.session("build");
    await client.sessions.input({ session: "build", data: new TextEncoder().encode("ls\r") });
    await client.sessions.input({ session: "build", data: btoa("pwd\r") });
    assert.deepEqual(session.typed.slice(-2), ["ls\r", "pwd\r"]);
  });

  it("reads raw output as bytes", async () => {
    const { data, from } = await client.sessions.output({ session: "build", format: "raw" });
    assert.equal(Buffer.from(data as Uint8Array).toString(), "hello\n");
    assert.equal(from, 0);
  });

  it("survives words in headers that a newer server adds", async () => {
    const headers = { "content-type": "application/octet-stream", "fleetty-from": "7", "fleetty-mood": "well {" };
    server.answers.set("GET /sessions/build/output", () => new Response("x", { headers }));
    const { from, mood } = (await client.sessions.output({ session: "build", format: "raw" })) as Record<
      string,
      unknown
    >;
    server.answers.clear();
    assert.deepEqual([from, mood], [7, "well {"]);
  });

  it("ends a call with the server's refusal by its code", async () => {
    const refused = client.sessions.get({ session: "nobody" });
    await assert.rejects(refused, (error) => error instanceof FleettyError && error.code === "session_not_found");
  });

  it("refuses a misspelt member before anything is sent", async () => {
    const before = server.asked.length;
    const misspelt = client.sessions.kill({ session: "build", grace: 5 } as never);
    await assert.rejects(misspelt, { code: "invalid_body", message: /grace/ });
    const nested = client.sessions.wait({ session: "build", until: { exit: true, patern: "x" } } as never);
    await assert.rejects(nested, { code: "invalid_body", message: /until\.patern/ });
    assert.equal(server.asked.length, before);
  });

  it("refuses an input that lacks what its path names", async () => {
    await assert.rejects(client.sessions.get({} as never), { code: "invalid_body" });
  });

  it("ends a cancelled call at once", async () => {
    const abort = new AbortController();
    const never = Promise.withResolvers<unknown>();
    server.answers.set("GET /server/info", () => never.promise);
    const call = client.server.info({}, { signal: abort.signal });
    abort.abort();
    await assert.rejects(call, { code: "cancelled" });
    never.resolve({});
  });
});

describe("a client whose server is away", () => {
  it("says that nothing can have happened when nothing was listening", async () => {
    const server = new FakeServer();
    const client = connect({ socket: server.socket });
    const call = client.sessions.create({ name: "a" });
    await assert.rejects(call, (error: FleettyError) => {
      assert.equal(error.code, "server_unavailable");
      assert.equal(error.details?.["may_have_run"], false);
      return true;
    });
    await server.stop();
  });

  it("says that a change may have happened when the server died before it answered, and that a read has not", async () => {
    const server = new FakeServer();
    await server.start();
    const client = connect({ socket: server.socket });
    const die = () => {
      void server.kill();
      return new Promise(() => {});
    };
    server.answers.set("POST /sessions", die);
    server.answers.set("GET /sessions", die);
    const unsure = (mayHaveRun: unknown) => (error: FleettyError) => {
      assert.equal(error.code, "server_unavailable");
      assert.equal(error.details?.["may_have_run"], mayHaveRun);
      return true;
    };
    await assert.rejects(client.sessions.create({ name: "a" }), unsure("unknown"));
    await server.start();
    await assert.rejects(client.sessions.list(), unsure(false));
    await server.stop();
  });

  it("reads again on a new connection when the one it kept has gone", async () => {
    const server = new FakeServer();
    await server.start();
    const client = connect({ socket: server.socket });
    assert.deepEqual(await client.sessions.list(), []);
    await server.kill();
    await server.start();
    assert.deepEqual(await client.sessions.list(), []);
    client.close();
    await server.stop();
  });
});

describe("a client over TCP", () => {
  it("sends its token, and nothing of it into the path", async () => {
    const server = new FakeServer();
    const url = await server.start(true);
    const client = connect({ url, token: "fty_secret" });
    await client.sessions.list();
    assert.equal(server.asked[0]?.authorization, "Bearer fty_secret");
    assert.deepEqual(server.asked[0]?.query, {});
    client.close();
    await server.stop();
  });

  it("refuses a token that no header can carry, and does not show it", async () => {
    for (const token of ["", "two words", "fty_line\nfeed", "fty_ü"]) {
      const client = connect({ url: "http://localhost:1", token });
      await assert.rejects(client.sessions.list(), (error: FleettyError) => {
        assert.equal(error.code, "invalid_request");
        assert.doesNotMatch(error.message, /fty_|words/);
        return true;
      });
      client.close();
    }
  });

  it("refuses an address that carries a secret", async () => {
    for (const url of ["http://me:secret@hub-1:7337", "http://hub-1:7337/?token=x", "hub-1:7337", "ftp://hub-1"]) {
      const client = connect({ url });
      await assert.rejects(client.sessions.list(), { code: "invalid_request" });
      client.close();
    }
  });
});
