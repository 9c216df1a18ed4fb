// The units that are shipped: that systemd takes them and that they agree; and the one for a user's own manager under a real
// one. Stopping and starting the service leaves every session as it was; a unit that would end them is named by the server
// before it does. The system's unit at work is in operating.test.ts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Home, makeHome } from "./harness/folders.ts";
import { ask } from "./harness/http.ts";
import { isAlive, naming } from "./harness/processes.ts";
import { fixture, installed } from "./harness/programs.ts";
import { LAUNCHER, runFleetty } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { Systemd, whyNoSystemd } from "./harness/systemd.ts";
import { waitUntil } from "./harness/wait-until.ts";

const SHIPPED = {
  system: "packaging/systemd/fleetty.service",
  user: "packaging/systemd/user/fleetty.service",
} as const;

/** What only a unit of the system says: whom it runs as, and where things lie. */
const OF_THE_SYSTEM = /^(User|ExecStart|RuntimeDirectory\w*|StateDirectory\w*|Environment)=/;

/** As it is shipped, but for where the program lies. */
function unit(kind: keyof typeof SHIPPED): string {
  const text = readFileSync(SHIPPED[kind], "utf8");
  assert.ok(text.includes("ExecStart=/usr/local/bin/fleetty server"));
  return text.replace("/usr/local/bin/fleetty", LAUNCHER);
}

describe("a unit that is shipped", { skip: installed("systemd-analyze").skip }, () => {
  for (const kind of ["system", "user"] as const) {
    it(`has nothing that systemd would not take, for the ${kind}'s manager`, () => {
      const home = makeHome();
      try {
        const path = join(home.root, "fleetty.service");
        writeFileSync(path, unit(kind));
        execFileSync("systemd-analyze", [`--${kind}`, "verify", path], { env: home.env, stdio: "pipe" });
      } finally {
        home.remove();
      }
    });
  }

  it("says the same of the service in both", () => {
    const lines = (kind: keyof typeof SHIPPED) =>
      /^\[Service\]\n(.*?)^\[/ms.exec(unit(kind))?.[1]?.match(/^\w+=.*/gm) ?? [];
    const [system, user] = [lines("system"), lines("user")].map((all) => all.filter((one) => !OF_THE_SYSTEM.test(one)));
    assert.ok(user?.includes("KillMode=process"));
    assert.deepEqual(user, system);
  });
});

describe("fleetty.service under a user's systemd", { skip: whyNoSystemd() }, () => {
  let home: Home;
  let systemd: Systemd;

  before(async () => {
    home = makeHome();
    systemd = await Systemd.start(home);
  });

  after(async () => {
    await systemd[Symbol.asyncDispose]();
    home.remove();
  });

  const socketPath = () => home.socket("default");
  const info = async () => (await ask({ socketPath: socketPath() }, { path: "/server/info" })).json;
  const answers = () => info().then(Boolean, () => false);
  const hosts = () => naming(`--state ${home.stateDir("default")}`);

  async function start(): Promise<void> {
    await systemd.systemctl("start", "fleetty.service");
    assert.ok(await answers(), "it is started when it answers");
  }

  async function say(name: string): Promise<TestSession> {
    return TestSession.start(socketPath(), name, { argv: [fixture("say")], ready: "ready" });
  }

  it("is stopped and started again without any loss of a session", async () => {
    await systemd.install("fleetty.service", unit("user"));
    await start();
    const session = await say("kept");
    const [host] = hosts();
    const { pid } = await session.info();
    assert.ok(host);
    assert.deepEqual((await info()).conditions, []);

    await systemd.systemctl("stop", "fleetty.service");
    assert.equal(await answers(), false);
    assert.ok(isAlive(host), "its session host lives on");
    await start();
    await session.type("after a stop\\n\n");
    await session.shows("after a stop");
    assert.deepEqual([(await session.info()).pid, hosts()], [pid, [host]]);
    assert.deepEqual((await info()).conditions, []);
    await session.kill();
    await systemd.systemctl("stop", "fleetty.service");
  });

  it("says that sessions will end with it when its KillMode is systemd's default, and they do", async () => {
    await systemd.install("fleetty.service", unit("user"));
    await systemd.install("fleetty.service.d/default.conf", "[Service]\nKillMode=control-group\nTimeoutStopSec=2\n");
    await start();
    const session = await say("lost");
    const [condition, ...more] = (await info()).conditions;
    assert.deepEqual([condition.type, more], ["HostSharesCgroup", []]);
    assert.match(condition.reason, /fleetty\.service with KillMode=control-group.*KillMode=process/);
    assert.ok(Math.abs(Date.parse(condition.since) - Date.now()) < 600_000);
    const { stdout } = await runFleetty(["server", "status", "--json"], { home });
    assert.deepEqual(JSON.parse(stdout).conditions, [condition]);
    const told = await ask(
      { socketPath: socketPath() },
      { path: "/events?types=server.condition&cursor=oldest", headers: { accept: "application/json" } },
    );
    const { type, reason } = condition;
    assert.deepEqual(
      told.json.events.map(({ data }: { data: object }) => data),
      [{ condition: type, active: true, reason }],
    );

    const held = hosts();
    await systemd.systemctl("stop", "fleetty.service");
    await waitUntil("its session hosts are gone", () => held.every((one) => !isAlive(one)));
    await start();
    assert.equal((await session.info()).state, "exited");
    await systemd.systemctl("stop", "fleetty.service");
  });
});
