// Sessions of a cluster, orchestrated from one hub: what is promised to those who do that, sentence by sentence, from an empty
// hub to failures and their recovery. The same story over HTTP and by the command line, on the same servers: one that is dialled
// plainly, one behind a path prefix on a reverse proxy, and one that cannot be dialled and joins by itself.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { hostname as systemHostname } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { KeptCli } from "../packages/cli/test/kept-cli.ts";
import { TestFleet } from "./harness/fleet.ts";
import { freePort } from "./harness/free-port.ts";
import { byCommandLine, type Orchestrator, overHttp, refusal } from "./harness/orchestrator.ts";
import { fixture, installed } from "./harness/programs.ts";
import { type ProxiedServer, startProxiedServer } from "./harness/proxied-server.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { TestWorkerProcess } from "./harness/worker.ts";

const nginx = installed("nginx");
const SAY = [fixture("say")];
/** It has the system's name; the others have names of their own. */
const HUB = systemHostname();

/** A server of the cluster: how it comes into it is all in which they differ. */
interface Backend extends AsyncDisposable {
  join(cluster: Orchestrator): Promise<unknown>;
}

interface Dialled extends Backend {
  readonly server: TestServer;
}

/** On a port of its own, which it has again when it comes back. */
async function dialled(hostname: string): Promise<Dialled> {
  const where = `127.0.0.1:${await freePort()}`;
  const server = await startServer({ args: ["--hostname", hostname, "--bind", where] });
  return {
    server,
    join: (cluster) => cluster.addServer({ address: `http://${where}`, token: server.token }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function behindProxy(proxied: ProxiedServer): Promise<Backend> {
  const { server, address } = proxied;
  return {
    join: (cluster) => cluster.addServer({ address, token: server.token }),
    [Symbol.asyncDispose]: () => proxied[Symbol.asyncDispose](),
  };
}

/** Comes with a code each time, as one that was let go of has to. */
async function joined(hostname: string, hubUrl: string): Promise<Backend> {
  const worker = new TestWorkerProcess(hostname);
  return {
    join: async (cluster) => {
      if (worker.isRunning) await worker.stop();
      worker.start({ args: ["--join", hubUrl], stdin: `${await cluster.joinCode()}\n` });
    },
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

describe("a cluster", { skip: nginx.skip }, () => {
  const stack = new AsyncDisposableStack();
  let hub: TestServer;
  let fleet: TestFleet;
  let kept: KeptCli;
  let proxied: ProxiedServer;
  let build: Dialled;
  /** Has the name of another, and a token that nobody told. */
  let stranger: TestServer;
  let backends: Readonly<Record<"build-1" | "build-2" | "test-1", Backend>>;

  before(async () => {
    const folder = mkdtempDisposableSync("/tmp/ft-");
    stack.defer(() => folder.remove());
    proxied = await startProxiedServer(nginx.path, "build-2");
    build = await dialled("build-1");
    const where = `127.0.0.1:${await freePort()}`;
    backends = {
      "build-1": build,
      "build-2": await behindProxy(proxied),
      "test-1": await joined("test-1", `http://${where}`),
    };
    for (const backend of Object.values(backends)) stack.use(backend);
    stranger = stack.use(await startServer({ tcp: true, args: ["--hostname", "build-2"] }));
    const config = join(folder.path, "config.toml");
    writeFileSync(config, `[ip_access]\nblocklist = ["10.66.0.0/16"]\n\n[tls]\nca_file = "${proxied.ca}"\n`);
    hub = stack.use(await startServer({ args: ["--config", config, "--bind", where] }));
    kept = stack.use(new KeptCli(hub.home.env));
    fleet = new TestFleet(hub, new Map(), new AsyncDisposableStack());
  });
  after(() => stack.disposeAsync());

  const strangersAddress = async () => `http://127.0.0.1:${(await stranger.tcp()).port}`;

  for (const [way, made] of [
    ["over HTTP", () => overHttp(hub)],
    ["by the command line", () => byCommandLine(hub, kept)],
  ] as const) {
    describe(way, () => {
      let cluster: Orchestrator;

      before(() => {
        cluster = made();
      });
      after(async () => {
        const everything = async (path: string) => (await hub.ask({ path })).json;
        const remove = (path: string) => hub.ask({ method: "DELETE", path });
        for (const { id } of await everything("/sessions")) await remove(`/sessions/${id}`);
        for (const { id } of (await everything("/servers")).slice(1)) await remove(`/servers/${id}`);
      });

      const start = (name: string, server?: string, ...tags: string[]) =>
        cluster.create({ name, argv: SAY, tags, ...(server !== undefined && { server }) });
      const names = (sessions: readonly { server: string; name: string }[]) =>
        sessions.map(({ server, name }) => `${server}/${name}`).toSorted();
      const shows = async (session: string, text: string) =>
        waitUntil(`${session} shows ${text}`, async () => (await cluster.screen(session)).includes(text), {
          seen: () => cluster.screen(session),
        });
      /** Send, wait, read: the loop of all work. */
      const works = async (session: string, text: string) => {
        await cluster.send(session, `${text}\\n`);
        // A program that has not begun to answer is quiet too.
        if (!(await cluster.idle(session)).includes(text)) await shows(session, text);
      };

      describe("server registration and monitoring", () => {
        it('the hub\'s own hostname is its system hostname; it always appears as "local" with health "healthy"; each entry shows the hostname, health status, and role', async () => {
          const servers = await cluster.listServers();
          assert.equal(servers.length, 1);
          const [{ hostname, address, health, role }] = servers as [Record<string, string>];
          assert.deepEqual([hostname, address, health], [HUB, "local", "healthy"]);
          assert.equal(typeof role, "string");
        });

        it("backend addresses require a scheme", async () => {
          for (const address of ["10.0.1.10:8080", "ftp://10.0.1.10", "http://"]) {
            assert.match(await refusal(cluster.addServer({ address })), /^invalid_(request|body)$/, address);
          }
          assert.equal((await cluster.listServers()).length, 1);
        });

        it('it starts in "connecting" state and transitions to "healthy" once the connection is established and the backend\'s hostname is resolved', async () => {
          const address = `http://127.0.0.1:${(await build.server.tcp()).port}`;
          const { token } = build.server;
          assert.equal((await cluster.addServer({ address, token })).health, "connecting");
          await fleet.becomes(address, "healthy");
          assert.equal((await cluster.getServer(address)).hostname, "build-1");
        });

        it("backends may include a path prefix for reverse-proxy deployments", async () => {
          await backends["build-2"].join(cluster);
          await fleet.becomes(proxied.address, "healthy");
          const { hostname, address } = await cluster.getServer("build-2");
          assert.deepEqual([hostname, new URL(address).pathname], ["build-2", "/fleetty"]);
        });

        it("list servers returns every server in the cluster, including the hub itself", async () => {
          await backends["test-1"].join(cluster);
          await fleet.becomes("test-1", "healthy");
          const servers = await cluster.listServers();
          assert.deepEqual(
            servers.map(({ hostname, health }) => [hostname, health]),
            [HUB, "build-1", "build-2", "test-1"].map((name) => [name, "healthy"]),
          );
        });

        it("get detailed status for a single server by hostname", async () => {
          const server = await cluster.getServer("build-1");
          assert.deepEqual([server.hostname, server.health, server.sessions], ["build-1", "healthy", 0]);
          assert.ok(server.link_log.length > 0);
          assert.equal(await refusal(cluster.getServer("prod-9")), "server_not_found");
        });

        it("without proper authentication, the hub won't be able to connect", async () => {
          const address = await strangersAddress();
          await cluster.addServer({ address, token: "a token of nobody there" });
          await fleet.becomes(address, "unavailable", "auth_failed");
          await cluster.removeServer(address);
        });

        it("remove server: its sessions continue running on that machine, and become inaccessible through the hub", async () => {
          const { id } = await start("left-behind", "build-1");
          await cluster.removeServer("build-1");
          assert.equal(await refusal(cluster.getServer("build-1")), "server_not_found");
          assert.equal(await refusal(cluster.screen(id)), "session_not_found");
          assert.equal(await refusal(start("x", "build-1")), "server_not_found");
          assert.equal((await build.server.ask({ path: `/sessions/${id}` })).json.state, "running");
          await build.join(cluster);
          await fleet.becomes("build-1", "healthy");
          await cluster.kill(id);
        });

        it("when the hub has an [ip_access] section, backend addresses are checked at registration time", async () => {
          const before = (await cluster.listServers()).length;
          assert.equal(await refusal(cluster.addServer({ address: "http://10.66.0.1:8080" })), "invalid_request");
          assert.equal((await cluster.listServers()).length, before);
        });

        it("if two backends have the same hostname, the second registration will be rejected", async () => {
          const address = await strangersAddress();
          await cluster.addServer({ address, token: stranger.token });
          await fleet.becomes(address, "rejected", "hostname_conflict");
          assert.equal((await cluster.getServer("build-2")).address, proxied.address);
          await cluster.removeServer(address);
        });
      });

      describe("distributed session creation", () => {
        it("the hub forwards the creation request to the named backend", async () => {
          const { id, server } = await start("build", "build-1");
          assert.equal(server, "build-1");
          const there = await build.server.ask({ path: "/sessions/build" });
          assert.equal(there.json.id, id);
        });

        it("all subsequent operations on that session are automatically routed through the hub to the right backend", async () => {
          await works("build", "built over there");
          await cluster.kill("build");
          assert.equal((await build.server.ask({ path: "/sessions" })).json.length, 0);
        });

        it("sessions created without a server target run on the hub itself", async () => {
          assert.equal((await start("local-work")).server, HUB);
          await works("local-work", "here");
          await cluster.kill("local-work");
        });
      });

      describe("tag-based cross-server workflows", () => {
        it("sessions on different backends can share the same tags", async () => {
          await start("build-api", "build-1", "ci");
          await start("build-web", "build-2", "ci");
          await start("test-e2e", "test-1", "ci");
          await start("untagged", "test-1");
        });

        it("without a server filter, the session list aggregates across all healthy backends plus the hub, with a server field", async () => {
          await start("at-the-hub");
          const all = [
            "build-1/build-api",
            "build-2/build-web",
            `${HUB}/at-the-hub`,
            "test-1/test-e2e",
            "test-1/untagged",
          ];
          assert.deepEqual(names((await cluster.list()) as never), all.toSorted());
        });

        it("tag filtering also works across the full cluster", async () => {
          const tagged = ["build-1/build-api", "build-2/build-web", "test-1/test-e2e"];
          assert.deepEqual(names((await cluster.list({ tag: "ci" })) as never), tagged);
        });

        it("to see sessions on a specific backend only, filter by server", async () => {
          assert.deepEqual(names((await cluster.list({ server: "test-1" })) as never), [
            "test-1/test-e2e",
            "test-1/untagged",
          ]);
        });

        it("you don't need to remember which server a session is on", async () => {
          for (const name of ["build-api", "build-web", "test-e2e", "at-the-hub"]) await works(name, `done by ${name}`);
        });
      });

      describe("cross-server quiescence patterns", () => {
        it("wait for idle across sessions tagged: it races across all of them regardless of which server they're on", async () => {
          const settled: string[] = [];
          let cursor: { cursor?: string } = {};
          for (const _ of ["one", "two", "three"]) {
            const answer = await cluster.idleAny({ tag: "ci", ...cursor });
            settled.push(`${answer.server}/${answer.session}`);
            cursor = { cursor: answer.cursor };
          }
          assert.deepEqual(settled.sort(), ["build-1/build-api", "build-2/build-web", "test-1/test-e2e"]);
        });

        it("returns whichever session becomes idle first, including its name and the server it's running on", async () => {
          const answer = await cluster.idleAny({ server: "build-2" });
          assert.deepEqual([answer.session, answer.server], ["build-web", "build-2"]);
        });

        it("polling a specific backend's sessions: list, and for each wait for idle, read screen, check results", async () => {
          await works("untagged", "done by untagged");
          for (const { name } of await cluster.list({ server: "test-1" })) {
            await cluster.idle(name);
            assert.match(await cluster.screen(name), new RegExp(`done by ${name}`));
          }
        });

        it("coordinating sequential stages: each stage runs on a different server but follows the same send/wait/read/decide loop", async () => {
          for (const [stage, server] of [
            ["stage-build", "build-1"],
            ["stage-test", "test-1"],
            ["stage-deploy", "build-2"],
          ] as const) {
            assert.equal((await start(stage, server, "pipeline")).server, server);
            await works(stage, `${stage} is verified`);
          }
          const stages = await cluster.list({ tag: "pipeline" });
          assert.equal(stages.length, 3);
          for (const { id } of stages) await cluster.kill(id);
        });
      });

      describe("failure handling", () => {
        let lost: { id: string };

        before(async () => {
          [lost] = (await cluster.list({ server: "build-1" })) as [{ id: string }];
          await build.server.kill();
          await fleet.becomes("build-1", "unavailable");
        });

        it("check health before critical operations: an unavailable server is told, with its reason", async () => {
          const { health, reason } = (await cluster.listServers()).find(({ hostname }) => hostname === "build-1");
          assert.equal(health, "unavailable");
          assert.ok(reason);
        });

        it("operations targeting those sessions will fail with a server unavailable error", async () => {
          assert.equal(await refusal(cluster.send("build-api", "x")), "server_unavailable");
          assert.equal(await refusal(cluster.kill(lost.id)), "server_unavailable");
        });

        it("requests to unhealthy backends will fail", async () => {
          assert.equal(await refusal(start("nowhere", "build-1")), "server_unavailable");
        });

        it("local sessions and sessions on other healthy backends are unaffected", async () => {
          for (const name of ["at-the-hub", "build-web", "test-e2e"]) await works(name, `${name} goes on`);
        });

        it("only sessions from healthy servers appear in aggregated listings", async () => {
          assert.deepEqual(names((await cluster.list({ tag: "ci" })) as never), [
            "build-2/build-web",
            "test-1/test-e2e",
          ]);
        });

        it("design for partial failure: collect results from the successful ones and handle failures individually", async () => {
          const results = await Promise.all(
            ["build-api", "build-web", "test-e2e"].map((name) =>
              cluster.send(name, "once more").then(
                () => "success",
                ({ code }) => code,
              ),
            ),
          );
          assert.deepEqual(results, ["server_unavailable", "success", "success"]);
        });

        it("use tags for recovery: recreate the affected sessions on a different backend with the same tags", async () => {
          assert.equal((await start("build-retry", "build-2", "ci")).server, "build-2");
          await works("build-retry", "built elsewhere");
          const live = ["build-2/build-retry", "build-2/build-web", "test-1/test-e2e"];
          assert.deepEqual(names((await cluster.list({ tag: "ci" })) as never), live);
        });

        it("if the backend comes back, the connection is re-established and its sessions become accessible again", async () => {
          await build.server.start();
          await fleet.becomes("build-1", "healthy");
          const [session] = (await cluster.list({ server: "build-1" })) as [{ id: string; name: string }];
          assert.deepEqual([session.id, session.name], [lost.id, "build-api"]);
          await works("build-api", "back again");
        });

        it("if the sessions of a backend end with it, they are gone, and the hub doesn't migrate them", async () => {
          assert.equal((await build.server.fleetty(["stop", "--end-sessions"])).code, 0);
          await build.server.ended();
          await fleet.becomes("build-1", "unavailable");
          await build.server.start();
          await fleet.becomes("build-1", "healthy");
          assert.deepEqual(await cluster.list({ server: "build-1" }), []);
          assert.equal(
            (await cluster.list()).some(({ name }) => name === "build-api"),
            false,
          );
        });
      });
    });
  }
});
