// Where a server's settings come from: flags before the environment, and that before config.toml; and what it does not start
// with.
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { describe, it } from "node:test";
import { writeConfig } from "./harness/config.ts";
import { inHome } from "./harness/folders.ts";
import { assertRefused } from "./harness/refused.ts";
import { runFleetty, startServer, type TestServer } from "./harness/server.ts";

/** How many sessions the server takes: what `max_sessions` really is. */
async function maxSessions(server: TestServer): Promise<number> {
  for (let live = 0; ; live += 1) {
    const answer = await server.ask({ path: "/sessions", body: { argv: ["sleep", "1000"] } });
    if (answer.status === 201) continue;
    assert.equal(assertRefused(answer, "max_sessions_reached").details["max"], live);
    return live;
  }
}

describe("a server's settings", () => {
  it("come from config.toml", async () => {
    await inHome(async (home) => {
      writeConfig(home, '[server]\nbind = ["127.0.0.1:0"]\nmax_sessions = 1\nhostname = "from-file"\n');
      await using server = await startServer({ home });
      const { json } = await server.ask({ path: "/server/info" });
      assert.equal(json.hostname, "from-file");
      assert.match(json.tcp_addr, /^127\.0\.0\.1:\d+$/);
      assert.equal(await maxSessions(server), 1);
    });
  });

  it("come from the environment before the file, and from flags before both", async () => {
    await inHome(async (home) => {
      writeConfig(home, '[server]\nmax_sessions = 1\nhostname = "from-file"\nephemeral = true\n');
      const env = { FLEETTY_MAX_SESSIONS: "2", FLEETTY_HOSTNAME: "from-environment", FLEETTY_EPHEMERAL: "false" };
      await using server = await startServer({ home, env, args: ["--max-sessions", "3"] });
      const { json } = await server.ask({ path: "/server/info" });
      assert.deepEqual([json.hostname, json.persistent], ["from-environment", true]);
      assert.equal(await maxSessions(server), 3);
    });
  });

  it("let variables pass to sessions, but none of fleetty's own", async () => {
    await inHome(async (home) => {
      writeConfig(home, '[server]\nenv_pass = ["JAVA_HOME", "NOT_THERE"]\n');
      await using server = await startServer({ home, env: { JAVA_HOME: "/opt/java", OTHER: "stays" } });
      const argv = ["/bin/sh", "-c", "echo java=$JAVA_HOME,$OTHER.; exec cat"];
      await server.ask({ path: "/sessions", body: { name: "java", argv } });
      const until = { pattern: { regex: "^java=/opt/java,.$", on: "screen" } };
      assert.equal((await server.ask({ path: "/sessions/java/wait", body: { until } })).json.reason, "pattern");
      const { code, stderr } = await runFleetty(["server", "--env-pass", "FLEETTY_TOKEN"], { home });
      assert.equal(code, 2);
      assert.match(stderr, /--env-pass: .*may pass/);
    });
  });

  it("come from the file that --config names, or $FLEETTY_CONFIG, instead of the usual one", async () => {
    await inHome(async (home) => {
      writeConfig(home, '[server]\nhostname = "usual"\n');
      const other = writeConfig(home, '[server]\nhostname = "other"\n', "other.toml");
      for (const how of [{ args: ["--config", other] }, { env: { FLEETTY_CONFIG: other } }]) {
        await using server = await startServer({ home, ...how });
        assert.equal((await server.ask({ path: "/server/info" })).json.hostname, "other");
      }
    });
  });

  it("are refused by name where nobody knows them or they cannot be used, and no server starts", async () => {
    await inHome(async (home) => {
      const cases: readonly (readonly [string, RegExp])[] = [
        ["[server]\nmax_session = 1\n", /config\.toml:2: max_session in \[server\] is not known/],
        ["[sever]\n", /config\.toml:1: table \[sever\] is not known/],
        ['[[servers]]\naddress = "build-1"\n', /config\.toml:2: .*no scheme; write http:\/\/build-1/],
        ["[server]\nmax_sessions = 0\n", /config\.toml:2: max_sessions: .*>=1/],
        ['[server]\nbind = ["nowhere"]\n', /config\.toml:2: bind: "nowhere" is not host:port/],
        ['[server]\nlog_level = "loud"\n', /config\.toml:2: log_level: /],
      ];
      for (const [text, message] of cases) {
        writeConfig(home, text);
        const { code, stderr } = await runFleetty(["server"], { home });
        assert.equal(code, 2, stderr);
        assert.match(stderr, message);
      }
      writeConfig(home, "");
      const { code, stderr } = await runFleetty(["server", "--config", "/no/such/file"], { home });
      assert.equal(code, 2);
      assert.match(stderr, /\/no\/such\/file cannot be read/);
    });
  });

  it("are refused where others could change them", async () => {
    await inHome(async (home) => {
      chmodSync(writeConfig(home, "[server]\n"), 0o622);
      const { code, stderr } = await runFleetty(["server"], { home });
      assert.equal(code, 3, stderr);
      assert.match(stderr, /can be changed by others/);
    });
  });

  it("hold a root token only where nobody else can read it", async () => {
    await inHome(async (home) => {
      const path = writeConfig(home, '[server]\ntoken = "token-of-the-file"\nbind = ["127.0.0.1:0"]\n');
      chmodSync(path, 0o644);
      const { code, stderr } = await runFleetty(["server"], { home });
      assert.equal(code, 3, stderr);
      assert.match(stderr, /holds the secret token in line 2 and can be read by others/);
      assert.ok(!stderr.includes("token-of-the-file"));
      chmodSync(path, 0o600);
      {
        await using server = await startServer({ home });
        assert.equal((await server.askTcp({ path: "/sessions" }, "token-of-the-file")).status, 200);
      }
      const env = { FLEETTY_TOKEN: "token-of-the-environment" };
      await using server = await startServer({ home, env });
      assert.equal((await server.askTcp({ path: "/sessions" }, env.FLEETTY_TOKEN)).status, 200);
      assertRefused(await server.askTcp({ path: "/sessions" }, "token-of-the-file"), "auth_invalid");
    });
  });

  it("are refused by the name of the variable", async () => {
    await inHome(async (home) => {
      for (const [variable, value] of [
        ["FLEETTY_MAX_SESSIONS", "many"],
        ["FLEETTY_EPHEMERAL", "perhaps"],
        ["FLEETTY_BIND", "127.0.0.1:0,nowhere"],
      ] as const) {
        const tainted = { ...home, env: { ...home.env, [variable]: value } };
        const { code, stderr } = await runFleetty(["server"], { home: tainted });
        assert.equal(code, 2, stderr);
        assert.ok(stderr.includes(`$${variable}: `), stderr);
      }
    });
  });
});
