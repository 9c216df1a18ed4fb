// Sessions of a cluster, orchestrated by an agent that has MCP tools and nothing else: from an empty hub over fan-out and stages to a
// server that is lost and comes back. The same story with the tools of fleetty on standard input, and with those of the older API
// over HTTP, on one fleet of three.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Agent } from "./harness/agent.ts";
import { TestFleet } from "./harness/fleet.ts";
import { freePort } from "./harness/free-port.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const HUB = "hub-1";
const MEMBERS = ["web-1", "web-2"] as const;
/** How long quiet is, for who waits for that. */
const QUIET_MS = 200;
/** How long a shell may take to begin on a machine that is busy with other tests. */
const READY_WAIT_MS = 30_000;

describe("a cluster, orchestrated by an agent", () => {
  const stack = new AsyncDisposableStack();
  const members = {} as Record<(typeof MEMBERS)[number], TestServer>;
  let hub: TestServer;
  let fleet: TestFleet;

  before(async () => {
    const [first, ...others] = await Promise.all([
      startServer({ tcp: true, args: ["--hostname", HUB] }),
      // On a port that it has again when it is back.
      ...MEMBERS.map(async (hostname) => {
        const bind = `127.0.0.1:${await freePort()}`;
        return startServer({ args: ["--hostname", hostname, "--bind", bind] });
      }),
    ]);
    hub = first as TestServer;
    MEMBERS.forEach((name, at) => {
      members[name] = stack.use(others[at] as TestServer);
    });
    stack.use(hub);
    fleet = new TestFleet(hub, new Map(Object.entries(members)), new AsyncDisposableStack());
  });
  after(() => stack.disposeAsync());

  for (const { way, made } of [
    { way: "by the tools of fleetty", made: () => Agent.overStdio(hub) },
    { way: "by the tools of the older API", made: () => Agent.overHttp(hub, "wsh_") },
  ]) {
    describe(way, () => {
      let agent: Agent;
      const call: Agent["call"] = (tool, args) => agent.call(tool, args);
      const names = async (filter: object) => {
        const { items } = await call("list_sessions", { ...filter });
        return items.map(({ server, name }: { server: string; name: string }) => `${server}/${name}`).toSorted();
      };
      const create = (name: string, more: object = {}) => call("create_session", { name, ...more });
      const kill = (session: string) => call("manage_session", { session, action: "kill" });
      const servers = async () => (await call("list_servers")).servers as Record<string, string>[];
      const healthOf = async (hostname: string) =>
        (await servers()).find((one) => one["hostname"] === hostname)?.["health"];
      const isHealthy = (hostname: string) =>
        waitUntil(`${hostname} is healthy`, async () => (await healthOf(hostname)) === "healthy", { seen: servers });
      const add = async (hostname: (typeof MEMBERS)[number]) => {
        const { port } = await members[hostname].tcp();
        return call("add_server", { address: `http://127.0.0.1:${port}`, token: members[hostname].token });
      };
      /** Send, wait, read: what all work is made of. */
      const works = async (session: string, text: string) => {
        // What is typed shows the text as two, so that it is found only when it is printed.
        const [one, ...others] = text.split(" ");
        await call("send_input", { session, input: `echo ${one}  ${others.join(" ")}\n` });
        await call("await_idle", { session, timeout_ms: QUIET_MS });
        // A program that has not begun to answer is quiet too.
        return agent.shows(session, text);
      };

      before(async () => {
        agent = stack.use(await made());
      });
      after(async () => {
        for (const { hostname } of await servers()) await call("remove_server", { hostname });
      });

      it("discovers the cluster: the hub itself, and no other server yet", async () => {
        assert.deepEqual(await call("list_servers"), { local_hostname: HUB, servers: [] });
      });

      it("adds servers, which are connecting, and waits until they are healthy", async () => {
        for (const hostname of MEMBERS) {
          const { status, address } = await add(hostname);
          assert.equal(status, "added");
          assert.match(address, /^http:\/\/127\.0\.0\.1:/);
        }
        for (const hostname of MEMBERS) await isHealthy(hostname);
      });

      it("checks a single server", async () => {
        const { hostname, health, sessions } = await call("server_status", { hostname: "web-1" });
        assert.deepEqual([hostname, health, sessions], ["web-1", "healthy", 0]);
        assert.equal(await agent.refusal("server_status", { hostname: "web-9" }), "server_not_found");
      });

      it("creates a session on a named server, and without one at the hub", async () => {
        assert.equal((await create("build", { server: "web-1" })).server, "web-1");
        assert.equal((await create("local-work")).server, HUB);
        const { json } = await members["web-1"].ask({ path: "/sessions" });
        assert.deepEqual(
          json.map(({ name }: { name: string }) => name),
          ["build"],
        );
      });

      it("works on both alike, wherever they run", async () => {
        for (const session of ["build", "local-work"]) await works(session, `done in ${session}`);
        for (const session of ["build", "local-work"]) assert.equal((await kill(session)).status, "killed");
        assert.deepEqual(await names({}), []);
      });

      it("spreads work under one tag, and gathers who has settled, each once", async () => {
        for (const [name, server] of [
          ["build-api", "web-1"],
          ["build-web", "web-2"],
          ["test-e2e", HUB],
        ]) {
          await create(name as string, { server, tags: ["ci"] });
          await call("send_input", { session: name, input: `echo result  of ${name}\n` });
        }
        await create("untagged", { server: "web-2" });
        const settled = new Map<string, number>();
        let cursor: { cursor?: string } = {};
        while (settled.size < 3) {
          const answer = await call("await_idle", { tag: ["ci"], timeout_ms: QUIET_MS, ...cursor });
          cursor = { cursor: answer.cursor };
          const { server, session, generation } = answer;
          const before = settled.get(`${server}/${session}`) ?? -1;
          // One that had only not begun is told of again, after it has done something.
          assert.ok(generation > before, `${session} is told of twice at ${generation}`);
          settled.set(`${server}/${session}`, generation);
          await agent.shows(session, `result of ${session}`);
        }
        assert.deepEqual([...settled.keys()].toSorted(), [`${HUB}/test-e2e`, "web-1/build-api", "web-2/build-web"]);
      });

      it("lists sessions of all servers, by tag, and of one server", async () => {
        const tagged = [`${HUB}/test-e2e`, "web-1/build-api", "web-2/build-web"];
        assert.deepEqual(await names({}), [...tagged, "web-2/untagged"].toSorted());
        assert.deepEqual(await names({ tag: ["ci"] }), tagged.toSorted());
        assert.deepEqual(await names({ server: "web-2" }), ["web-2/build-web", "web-2/untagged"]);
      });

      it("goes through stages on different servers, each when the one before was verified", async () => {
        for (const [stage, server] of [
          ["stage-build", "web-1"],
          ["stage-test", "web-2"],
          ["stage-deploy", HUB],
        ]) {
          await create(stage as string, { server, tags: ["pipeline"] });
          await verified(stage as string);
        }
        for (const name of await names({ tag: ["pipeline"] })) await kill(name);
      });

      /** As each API knows that a command is over: by its exit code, or by what the screen says. */
      const verified = async (stage: string) => {
        if (agent.prefix === "") {
          const asked = { session: stage, command: `echo passed  ${stage}`, ready_wait_ms: READY_WAIT_MS };
          const { reason, exit_code, output } = await call("run", asked);
          return assert.deepEqual([reason, exit_code, output], ["command", 0, `passed ${stage}\n`]);
        }
        const input = `echo passed  ${stage}\n`;
        const { screen, generation } = await call("run_command", { session: stage, input, timeout_ms: QUIET_MS });
        assert.ok(Array.isArray(screen.lines) && generation > 0);
        return agent.shows(stage, `passed ${stage}`);
      };

      describe("when a server goes down", () => {
        before(async () => {
          await members["web-2"].kill();
          await waitUntil("it is missed", async () => (await healthOf("web-2")) === "unavailable", { seen: servers });
        });

        it("is told so, and refused what would need it", async () => {
          const { health, reason } = await call("server_status", { hostname: "web-2" });
          assert.equal(health, "unavailable");
          assert.ok(reason);
          for (const session of ["build-web", "web-2/untagged"]) {
            assert.equal(await agent.refusal("get_screen", { session }), "server_unavailable");
          }
          const create = { name: "nowhere", server: "web-2" };
          assert.equal(await agent.refusal("create_session", create), "server_unavailable");
        });

        it("gets partial results: the others go on, and are listed", async () => {
          assert.deepEqual(await names({ tag: ["ci"] }), [`${HUB}/test-e2e`, "web-1/build-api"]);
          const results: Record<string, string> = {};
          for (const session of ["build-api", "build-web", "test-e2e"]) {
            results[session] = (await agent.refusal("send_input", { session, input: "echo still  here\n" })) ?? "sent";
          }
          assert.deepEqual(results, { "build-api": "sent", "build-web": "server_unavailable", "test-e2e": "sent" });
          for (const session of ["build-api", "test-e2e"]) await agent.shows(session, "still here");
        });

        it("makes what is missing anew on another server, under the same tag", async () => {
          assert.equal((await create("build-retry", { server: "web-1", tags: ["ci"] })).server, "web-1");
          await works("build-retry", "built elsewhere");
          assert.ok((await names({ tag: ["ci"] })).includes("web-1/build-retry"));
        });

        it("finds its sessions again as they were, when it is back", async () => {
          await members["web-2"].start();
          await isHealthy("web-2");
          assert.match(await agent.screen("build-web"), /result of build-web/);
          await works("build-web", "back again");
        });
      });

      it("removes a server, whose sessions run on there, and has them again with it", async () => {
        assert.equal((await call("remove_server", { hostname: "web-2" })).status, "removed");
        assert.equal(await agent.refusal("get_screen", { session: "build-web" }), "session_not_found");
        assert.equal((await members["web-2"].ask({ path: "/sessions/build-web" })).json.state, "running");
        await add("web-2");
        await isHealthy("web-2");
        await works("build-web", "still at it");
      });

      it("cleans up: by tag, and whatever else is left", async () => {
        for (const name of await names({ tag: ["ci"] })) await kill(name);
        assert.deepEqual(await names({ tag: ["ci"] }), []);
        await kill("untagged");
        for (const server of [hub, ...Object.values(members)]) {
          assert.deepEqual((await server.ask({ path: "/sessions" })).json, []);
        }
        await fleet.becomes("web-1", "healthy");
      });
    });
  }
});
