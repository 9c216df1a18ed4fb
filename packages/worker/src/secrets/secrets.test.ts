// Holds the secrets of a machine to being sealed where they are kept, to who may have which, and to their number.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SealedTexts } from "@fleetty/carrier/sealed-text";
import { Secret } from "@fleetty/protocol/secret";
import { pino } from "pino";
import { SqliteStore } from "../store/sqlite-store.ts";
import type { ConfiguredSecret } from "./configured-secret.ts";
import { Secrets } from "./secrets.ts";

const key = () => new Secret(randomBytes(32).toString("base64url"));

class Machine implements AsyncDisposable {
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  #store = new SqliteStore(this.path);

  get path(): string {
    return join(this.#folder.path, "worker.db");
  }

  secrets(sealingKey: Secret, configured: readonly [string, ConfiguredSecret][] = []): Secrets {
    return new Secrets({
      store: this.#store,
      sealed: new SealedTexts(sealingKey),
      configured: new Map(configured),
      environment: { MINE: "from-the-environment" },
      hostname: "here",
      log: pino({ level: "silent" }),
    });
  }

  async reopen(): Promise<void> {
    await this.#store.close();
    this.#store = new SqliteStore(this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
    this.#folder.remove();
  }
}

const mine: ConfiguredSecret = { source: { kind: "env", variable: "MINE" }, tags: ["ci"], prompt: "^Password" };

describe("a secret that is kept", () => {
  it("is on the disk sealed, opens after a restart under its key alone, and under its name alone", async () => {
    await using machine = new Machine();
    const own = key();
    await machine.secrets(own).set({ name: "one", value: "hunter2-one" });
    await machine.secrets(own).set({ name: "two", value: "hunter2-two", prompt: "^Two" });
    await machine.reopen();
    const secrets = machine.secrets(own);
    const { value, prompt } = await secrets.find("two", []);
    assert.deepEqual([value.reveal(), prompt, `${value}`], ["hunter2-two", "^Two", "[secret]"]);
    await assert.rejects(machine.secrets(key()).find("one", []), { details: { reason: "sealed_text_broken" } });
    await machine.reopen();
    assert.ok(!readFileSync(machine.path).includes("hunter2"));
  });

  it("is one of a thousand at most, of which each can still be replaced", async () => {
    await using machine = new Machine();
    const secrets = machine.secrets(key());
    const names = Array.from({ length: 1000 }, (_, at) => `secret-${at}`);
    await Promise.all(names.map((name) => secrets.set({ name, value: name })));
    const refusal = { code: "resource_limit_reached", details: { limit: "secrets", max: 1000 } };
    await assert.rejects(secrets.set({ name: "one-more", value: "x" }), refusal);
    await secrets.set({ name: "secret-7", value: "another" });
    assert.equal((await secrets.find("secret-7", [])).value.reveal(), "another");
    await secrets.remove({ name: "secret-8" });
    await secrets.set({ name: "one-more", value: "x" });
    const { items, next_cursor: next } = await secrets.list({});
    assert.deepEqual([items.length, next], [100, Buffer.from(items[99]?.name ?? "").toString("base64url")]);
  });

  it("is told to have been used, and as new once it is replaced", async () => {
    await using machine = new Machine();
    const secrets = machine.secrets(key(), [["mine", mine]]);
    const used = async () => (await secrets.list({})).items.map(({ name, last_used_at: at }) => [name, at !== null]);
    await secrets.set({ name: "kept", value: "x" });
    for (const name of ["kept", "mine"]) secrets.used(name);
    assert.deepEqual(await used(), [
      ["kept", true],
      ["mine", true],
    ]);
    await secrets.set({ name: "kept", value: "y" });
    assert.deepEqual(await used(), [
      ["kept", false],
      ["mine", true],
    ]);
  });
});

describe("a secret", () => {
  it("is for sessions with one of its tags, or for all where it has none", async () => {
    await using machine = new Machine();
    const secrets = machine.secrets(key(), [["mine", mine]]);
    await secrets.set({ name: "kept", value: "x", tags: ["b", "a", "b"] });
    await secrets.set({ name: "for-all", value: "x" });
    const forbidden = { code: "forbidden", details: { reason: "tags" } };
    for (const [name, tags] of [
      ["mine", ["b"]],
      ["mine", []],
      ["kept", ["ci"]],
    ] as const)
      await assert.rejects(secrets.find(name, tags), forbidden);
    for (const [name, tags] of [
      ["mine", ["x", "ci"]],
      ["kept", ["b"]],
      ["for-all", []],
    ] as const)
      await secrets.find(name, tags);
    assert.deepEqual(
      (await secrets.list({})).items.map(({ tags }) => tags),
      [[], ["a", "b"], ["ci"]],
    );
  });

  it("that is configured hides one that was kept under its name, and is changed in the file alone", async () => {
    await using machine = new Machine();
    const own = key();
    await machine.secrets(own).set({ name: "mine", value: "kept" });
    const secrets = machine.secrets(own, [["mine", mine]]);
    assert.equal((await secrets.find("mine", ["ci"])).value.reveal(), "from-the-environment");
    const [only, ...more] = (await secrets.list({})).items;
    assert.deepEqual([only?.source, only?.created_at, more], ["env", null, []]);
    const refusal = { code: "invalid_request", details: { field: "name" } };
    await assert.rejects(secrets.set({ name: "mine", value: "x" }), refusal);
    await assert.rejects(secrets.remove({ name: "mine" }), refusal);
    await assert.rejects(secrets.remove({ name: "nobody" }), { code: "secret_not_found" });
  });
});
