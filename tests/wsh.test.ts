// fleetty under the name `wsh`, as whoever knows wsh types it: linked by its own command, found by the line with which skills for
// the wsh API begin, with its commands, variables and columns, and an end that ends the sessions too.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Home, inHome, makeHome } from "./harness/folders.ts";
import { ask } from "./harness/http.ts";
import { mcpOverStdio } from "./harness/mcp.ts";
import { isAlive, naming } from "./harness/processes.ts";
import { installed } from "./harness/programs.ts";
import { type CommandResult, runFleetty, TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const TOKEN = "a-token-of-this-very-test";
/** As the skills have it. */
const BEGIN = `curl -sf --unix-socket \${XDG_RUNTIME_DIR:-/tmp}/wsh/default.http.sock http://localhost/health`;

const staying = { path: "/server/persist" };

/** A machine on which `wsh` is linked, with a server that was started by that name. */
class Machine {
  readonly home: Home = makeHome();
  readonly bin = join(this.home.root, "bin");
  readonly server: TestServer;
  readonly env = {
    ...this.home.env,
    PATH: `${this.bin}:${this.home.env["PATH"]}`,
    WSH_TOKEN: TOKEN,
    WSH_SERVER_NAME: "dev",
  };

  constructor() {
    this.server = new TestServer({ instance: "dev", tcp: true, home: this.home, env: this.env });
    this.server.launcher = join(this.bin, "wsh");
  }

  fleetty(...args: string[]): Promise<CommandResult> {
    return runFleetty(args, { home: { ...this.home, env: this.env } });
  }

  wsh(...args: string[]): Promise<CommandResult> {
    return new Promise((resolve) => {
      execFile("wsh", args, { env: this.env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }

  async says(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.wsh(...args);
    assert.equal(code, 0, `wsh ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.home.remove();
  }
}

describe("the command wsh", () => {
  let machine: Machine;

  before(async () => {
    machine = new Machine();
    const linked = await machine.fleetty("compat", "wsh", "--dir", machine.bin, "--json");
    assert.deepEqual(JSON.parse(linked.stdout).did, "linked", linked.stderr);
    await machine.server.start();
  });
  after(() => machine[Symbol.asyncDispose]());

  it("is linked once, found by its name, and said to lead to a server that answers", async () => {
    const { stdout } = await machine.fleetty("-L", "dev", "compat", "wsh", "--dir", machine.bin, "--json");
    const { did, link, leads_here: leads, answers, socket } = JSON.parse(stdout);
    assert.deepEqual([did, link, leads, answers], ["unchanged", join(machine.bin, "wsh"), true, true]);
    assert.equal(socket, machine.server.compatSocketPath);
    writeFileSync(join(machine.home.root, "wsh"), "precious");
    const refused = await machine.fleetty("compat", "wsh", "--dir", machine.home.root);
    assert.deepEqual([refused.code, refused.stdout], [3, ""]);
    assert.equal(readFileSync(join(machine.home.root, "wsh"), "utf8"), "precious");
  });

  it("starts a server whose token is WSH_TOKEN, and whose sessions know nothing of it", async () => {
    assert.equal(await machine.says("token"), `${TOKEN}\n`);
    assert.equal((await machine.server.askTcp({ path: "/sessions" }, TOKEN)).status, 200);
    const body = { name: "look", command: "env; echo over" };
    assert.equal((await ask({ socketPath: machine.server.compatSocketPath }, { path: "/sessions", body })).status, 201);
    await machine.server.ask({ path: "/sessions/look/wait", body: { until: { exit: true } } });
    const { json } = await machine.server.ask({ path: "/sessions/look/output" });
    assert.match(json.text, /^over$/m);
    assert.doesNotMatch(json.text, /WSH_|FLEETTY_(?!SESSION|REPORT)|a-token-of/);
  });

  it("lists, tags, and ends sessions as wsh does", async () => {
    const body = { name: "build", argv: ["/bin/cat"], tags: ["ci"] };
    const { pid } = (await machine.server.ask({ path: "/sessions", body })).json;
    await machine.says("tag", "build", "--add", "web", "--add", "nightly", "--remove", "ci");
    const lines = (await machine.says("list")).split("\n");
    assert.deepEqual(lines[0]?.split(/\s+/), ["NAME", "PID", "COMMAND", "SIZE", "CLIENTS", "TAGS"]);
    assert.deepEqual(lines[1]?.split(/\s+/), ["build", `${pid}`, "/bin/cat", "24x80", "0", "nightly,web"]);
    await machine.says("detach", "build");
    await machine.says("kill", "build");
    assert.equal((await machine.says("list")).split("\n").length, 2);
    assert.equal((await machine.wsh("kill", "build")).code, 4);
  });

  it("says whether the server stays, and has it stay or go", async () => {
    const said = [
      await machine.says("persist"),
      await machine.says("persist", "off"),
      await machine.says("persist", "on"),
    ];
    assert.deepEqual(said, ["persistent\n", "ephemeral\n", "persistent\n"]);
  });

  it("knows the servers of a fleet, and takes a token for one of them", async () => {
    await machine.says("servers", "add", "http://127.0.0.1:1", "--token", "of that server");
    assert.match(await machine.says("servers", "list"), /http:\/\/127\.0\.0\.1:1/);
    assert.ok(!machine.server.log.includes("of that server"));
    await machine.says("servers", "remove", "http://127.0.0.1:1");
    assert.match(await machine.says("servers", "info"), /^instance_name +dev$/m);
  });

  it("speaks MCP with the names of wsh, and is `fleetty mcp` for the rest", async () => {
    await using agent = await mcpOverStdio(machine.server);
    const { tools } = await agent.client.listTools();
    assert.ok(
      tools.some(({ name }) => name === "wsh_get_screen") && tools.every(({ name }) => name.startsWith("wsh_")),
    );
    assert.match((await machine.wsh("mcp", "--bind", "127.0.0.1:8080")).stderr, /fleetty mcp --url/);
  });

  it("says where else to go for what it has not", async () => {
    const { code, stderr } = await machine.wsh();
    assert.deepEqual([code, /fleetty new NAME/.test(stderr)], [2, true], stderr);
    const help = await machine.says("--help");
    for (const command of ["wsh server", "wsh stop", "wsh attach", "wsh mcp"]) assert.ok(help.includes(command));
  });

  it("stops the server with its sessions", async () => {
    const { server } = machine;
    await server.ask({ path: "/sessions", body: { name: "left", argv: ["/bin/cat"] } });
    const hosts = server.hosts();
    assert.ok(hosts.length > 0);
    await machine.says("stop");
    await server.ended();
    await waitUntil("its hosts have gone", () => !hosts.some(isAlive));
  });
});

describe("a skill for the wsh API", () => {
  const curl = installed("curl");

  it("begins with its own line: no server is there, and one of its own then is", { skip: curl.skip }, async () => {
    await inHome(async (home) => {
      const bin = join(home.root, "bin");
      assert.equal((await runFleetty(["compat", "wsh", "--dir", bin], { home })).code, 0);
      const line = `${BEGIN} || { wsh server -L agent-$$ --ephemeral & }`;
      const env = { ...home.env, PATH: `${bin}:${home.env["PATH"]}` };
      const shell = spawn("/bin/sh", ["-c", line], { env, stdio: "ignore" });
      assert.deepEqual(await once(shell, "exit"), [0, null]);
      const name = `agent-${shell.pid}`;
      const socketPath = join(home.root, "run/wsh", `${name}.http.sock`);
      const answered = () => ask({ socketPath }, { path: "/health" }).catch(() => null);
      await waitUntil("it answers", async () => (await answered())?.json?.status === "ok");
      const servers = naming(`-L ${name} `);
      assert.deepEqual([servers.length, (await ask({ socketPath }, staying)).json], [1, { persistent: false }]);
      assert.equal((await runFleetty(["-L", name, "stop"], { home })).code, 0);
      await waitUntil("it has gone", () => !servers.some(isAlive), { seen: () => servers });
    });
  });
});
