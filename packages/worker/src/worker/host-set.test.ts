// The set of session hosts with real ones: how many are started for how many sessions, who shares a start, and what happens
// when one cannot be started. Sessions are only counted here.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { describe, it } from "node:test";
import { pino } from "pino";
import { HostSet, type Place } from "./host-set.ts";
import { SESSIONS_MAX } from "./placement.ts";
import { call } from "./worker-harness.ts";

class TestHosts {
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  readonly places: Place[] = [];
  readonly logged: string[] = [];
  readonly hosts: HostSet;
  /** Of hosts that are started next. */
  env: Record<string, string> = { PATH: process.env["PATH"] ?? "" };
  /** Live sessions of each host. */
  counts = new Map<string, number>();

  constructor({ maxHosts }: { maxHosts: number }) {
    let linkGeneration = 0;
    const test = this;
    this.hosts = new HostSet({
      stateDir: this.#folder.path,
      runtimeDir: this.#folder.path,
      serverId: "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
      ringBytes: 64 * 1024,
      get env() {
        return test.env;
      },
      umask: 0o022,
      incarnation: 1,
      maxHosts,
      sessionCounts: () => this.counts,
      nextLinkGeneration: () => ++linkGeneration,
      onInventory: () => {},
      onEvent: () => {},
      onChanged: () => {},
      onLost: () => {},
      log: pino({ base: null }, { write: (line) => this.logged.push(JSON.parse(line).msg) }),
    });
  }

  async place(sessions: number): Promise<void> {
    const all = Array.from({ length: sessions }, () => this.hosts.placeNewSession());
    this.places.push(...(await Promise.all(all)));
  }

  /** How many sessions each host was given, in the order in which hosts were started. */
  get given(): number[] {
    return this.hosts.all.map((host) => this.places.filter(({ link }) => link === host).length);
  }

  /** All that were given have been started. */
  begin(): void {
    for (const { link } of this.places) this.counts.set(link.id, (this.counts.get(link.id) ?? 0) + 1);
    for (const place of this.places.splice(0)) place[Symbol.dispose]();
  }

  async [Symbol.asyncDispose]() {
    for (const link of this.hosts.all) {
      await (await link.end()).request("host.end", {}, call).catch(() => {});
      await link.gone(30_000);
      assert.equal(link.state, "lost");
    }
    this.hosts.close();
    this.#folder.remove();
  }
}

describe("session hosts", () => {
  it("are started one for all that ask at once, and another only for what the first has no room for", async () => {
    await using test = new TestHosts({ maxHosts: 2 });
    await test.place(SESSIONS_MAX);
    assert.deepEqual(test.given, [SESSIONS_MAX]);
    await test.place(3);
    assert.deepEqual(test.given, [SESSIONS_MAX, 3]);
    await test.place(2 * SESSIONS_MAX - 3);
    assert.deepEqual(test.given, [192, 192], "no third; the two share what is too much for both");
  });

  it("are not missed while they are started: nothing is in them yet", async () => {
    await using test = new TestHosts({ maxHosts: 1 });
    const missed: string[] = [];
    let isOver = false;
    const look = () => {
      if (!test.hosts.isLinked) missed.push(...test.hosts.all.map(({ state }) => state));
      if (!isOver) setImmediate(look);
    };
    look();
    await test.place(1);
    isOver = true;
    assert.deepEqual(missed, []);
  });

  it("share a burst, whatever they had been given before it", async () => {
    await using test = new TestHosts({ maxHosts: 2 });
    await test.place(SESSIONS_MAX + 4);
    test.begin();
    assert.deepEqual([...test.counts.values()], [SESSIONS_MAX, 4]);
    for (const id of test.counts.keys()) test.counts.set(id, 10);
    await test.place(20);
    assert.deepEqual(test.given, [10, 10]);
  });

  it("take more than they should when another cannot be started, and the log says why", async () => {
    await using test = new TestHosts({ maxHosts: 2 });
    await test.place(SESSIONS_MAX);
    test.env = { NODE_OPTIONS: "--no-such-option" };
    await test.place(2);
    assert.deepEqual(test.given, [SESSIONS_MAX + 2]);
    const said = "another session host could not be started; those that are there take more";
    assert.ok(test.logged.includes(said), test.logged.join("\n"));
  });

  it("are refused with the reason when not even one can be started", async () => {
    await using test = new TestHosts({ maxHosts: 2 });
    test.env = { NODE_OPTIONS: "--no-such-option" };
    await assert.rejects(test.place(1), { code: "session_create_failed" });
    assert.deepEqual(test.hosts.all, []);
  });
});
