// A server beside a session host that speaks another version of the link, as after an upgrade or a step back: the host is
// named and left alone, what lives in it is never called dead, and new sessions go elsewhere. And beside one that speaks this
// version and has not learnt everything yet.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { assertEach, plainly } from "./harness/declared.ts";
import { elementOperations } from "./harness/elements.ts";
import { placeHost } from "./harness/placed-host.ts";
import { isAlive, type Known, know } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Stands in the place of a server's session host, which goes on running unseen, until it is told to give it back. */
class OtherHost {
  readonly id: string;
  heard = "";
  readonly #server: TestServer;
  readonly #process: ChildProcess;
  readonly #record: { readonly path: string; readonly text: string };

  private constructor(server: TestServer, manner: string) {
    const hosts = join(server.stateDir, "hosts");
    [this.id = ""] = readdirSync(hosts);
    const path = join(hosts, this.id, "host.json");
    this.#server = server;
    this.#record = { path, text: readFileSync(path, "utf8") };
    const program = fixture("host-of-another-version.ts");
    this.#process = spawn(process.execPath, [program, dirname(path), manner], { stdio: ["ignore", "pipe", "inherit"] });
    this.#process.stdout?.on("data", (piece: Buffer) => {
      this.heard += piece;
    });
  }

  /** The server has been restarted with it when it resolves. */
  static async replace(server: TestServer, manner: "hello" | "close"): Promise<OtherHost> {
    await server.stop();
    const host = new OtherHost(server, manner);
    await waitUntil("the other host listens", () => host.heard.startsWith("ready\n"));
    await server.start();
    return host;
  }

  get known(): Known | null {
    return know(this.#process.pid as number);
  }

  /** Types of the frames that it was sent. */
  get frames(): string[] {
    return this.heard
      .split("\n")
      .slice(1, -1)
      .map((line) => JSON.parse(line).type);
  }

  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await waitUntil("the other host has gone", () => this.#process.signalCode !== null);
  }

  /** The right version is back: the host that ran all the time is found again by the next server. */
  async giveBack(): Promise<void> {
    await this.#server.stop();
    await this.end();
    writeFileSync(this.#record.path, this.#record.text);
    await this.#server.start();
  }
}

async function startSession(server: TestServer, name: string): Promise<Known> {
  const { status, json } = await server.ask({ path: "/sessions", body: { name, argv: [fixture("read-nothing")] } });
  assert.equal(status, 201, JSON.stringify(json));
  return know(json.pid) as Known;
}

for (const manner of ["hello", "close"] as const) {
  describe(`a session host of another version, which says so with ${manner}`, () => {
    it("is named and left alone; its sessions are out of reach, not dead, and are found again", async () => {
      await using server = await startServer();
      const program = await startSession(server, "old");
      const host = await OtherHost.replace(server, manner);
      try {
        const where = { socketPath: server.socketPath };
        const noHost = { in: "tests/refusals-fleet.test.ts", because: "no session host is asked" };
        const refused = await assertEach("server_unavailable", where, {
          ...plainly("server_unavailable", "old"),
          "server.info": { in: "tests/refusals-fleet.test.ts", because: "this server answers for itself" },
          "server.persist_get": noHost,
          "server.persist": noHost,
          "servers.capabilities": noHost,
          "secrets.set": noHost,
          "secrets.list": noHost,
          "secrets.remove": noHost,
          "sessions.list": { in: "tests/refusals-fleet.test.ts", because: "this server answers for itself" },
          "sessions.idle_any": { in: "tests/refusals-fleet.test.ts", because: "another session might become idle" },
          "sessions.create": { in: "tests/refusals-hosts.test.ts", because: "what is new goes to another host" },
        });
        for (const { message, details } of refused) {
          assert.ok(message.includes(host.id) && message.includes("session-host status"), message);
          assert.deepEqual(details, { reason: "incompatible_version", may_have_run: false });
        }
        assert.ok(isAlive(program));

        await startSession(server, "new");
        const { json } = await server.ask({ path: "/sessions" });
        assert.deepEqual(
          json.map(({ name, state }: Record<string, string>) => [name, state]),
          [
            ["old", "running"],
            ["new", "running"],
          ],
        );
        const status = JSON.parse((await server.fleetty(["session-host", "status", "--json"])).stdout);
        assert.deepEqual(
          status
            .map(({ protocol: speaks, sessions }: Record<string, unknown>) => [speaks, sessions])
            .sort(([a]: [number], [b]: [number]) => b - a),
          [
            [99, ["old"]],
            [1, ["new"]],
          ],
        );
        const said = server.log.split("\n").filter((line) => line.includes("incompatible_version"));
        assert.equal(said.length, 1, said.join("\n"));
        const { level, host: named, pid } = JSON.parse(said[0] as string);
        assert.deepEqual([level, named, pid], [40, host.id, host.known?.pid]);
        assert.deepEqual([...new Set(host.frames)], ["challenge"], "it was told more than who asks");
        assert.ok(host.known, "it was left alone");
      } finally {
        await host.giveBack();
      }
      assert.equal((await server.ask({ path: "/sessions/old" })).json.pid, program.pid);
    });
  });
}

describe("a session host of another version that has gone", () => {
  it("takes its sessions with it", async () => {
    await using server = await startServer();
    await startSession(server, "old");
    const host = await OtherHost.replace(server, "hello");
    try {
      assertRefused(await server.ask({ path: "/sessions/old" }), "server_unavailable");
      await host.end();
      const lost = await waitUntil("its end is known", async () => {
        const { status, json } = await server.ask({ path: "/sessions/old" });
        return status === 200 && json.state === "exited" && json;
      });
      assert.deepEqual([lost.exit, lost.end_reason], [{ unknown: true }, "host_lost"]);
    } finally {
      await host.giveBack();
    }
  });
});

describe("a session host of an earlier release", () => {
  it("says what it has not learnt yet, and does the rest", async () => {
    await using server = await startServer();
    const words = [
      "keys",
      "paste",
      "type_secret",
      "signal",
      "scrollback",
      "label",
      "lease",
      "lease_release",
      "run",
      "explain",
    ];
    const unknown = [...words.map((name) => `sessions.${name}`), ...elementOperations];
    await placeHost(server, { node: [fixture("host-of-before.ts"), unknown.join(",")] });
    await startSession(server, "old");
    const aWorker = { in: "tests/joining.test.ts", because: "of a worker, which stays whatever happens" };
    const refused = await assertEach(
      "unsupported",
      { socketPath: server.socketPath },
      {
        ...plainly("unsupported", "old"),
        "server.persist_get": aWorker,
        "server.persist": aWorker,
        "sessions.create": { in: "tests/presets.test.ts", because: "of a member, whose host is of its own release" },
      },
    );
    assert.deepEqual(refused.map(({ details }) => details["capability"]).toSorted(), unknown.toSorted());
    assert.equal((await server.ask({ path: "/sessions/old/input", body: "x" })).status, 200);
    assert.equal((await server.ask({ path: "/sessions/old/screen" })).status, 200);
  });
});
