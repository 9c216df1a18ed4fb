// Holds named tokens to what they were given: until when they let in, that they end at once, and what is kept of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Secret } from "@fleetty/protocol/secret";
import { pino } from "pino";
import type { TokenRecord, TokenUse } from "../store/hub-store.ts";
import { Authority } from "./authority.ts";
import { NAMED_TOKENS_MAX, NamedTokens, type TokenWish } from "./named-tokens.ts";

const HOUR_MS = 3_600_000;
const wish: TokenWish = { name: "ci", kind: "agent", verbs: ["observe"], on: "*", tags: [], lifeMs: HOUR_MS };

/** A store of tokens in memory, whose disk can be full. */
class Kept {
  isFull = false;
  readonly records = new Map<string, TokenRecord>();
  readonly written: (readonly TokenUse[])[] = [];
  tokens = async () => [...this.records.values()];
  addToken = async (record: TokenRecord) => {
    this.#write();
    this.records.set(record.id, record);
  };
  tokensUsed = async (uses: readonly TokenUse[]) => {
    this.#write();
    this.written.push(uses);
  };
  removeToken = async (id: string) => {
    this.#write();
    this.records.delete(id);
  };

  #write(): void {
    if (this.isFull) throw new Error("no space");
  }
}

async function scene() {
  const store = new Kept();
  const clock = { nowMs: 1_800_000_000_000 };
  const open = () => NamedTokens.open({ store, log: pino({ level: "silent" }), nowMs: () => clock.nowMs });
  const named = await open();
  const root = { secret: new Secret("root-token-of-tests"), renew: null, from: "a test" };
  return { store, clock, open, named, authority: new Authority({ root, named, nowMs: () => clock.nowMs }) };
}

describe("a named token", () => {
  it("is a bearer token of its name, with what it was given, and is known by its hash alone", async () => {
    const { authority, named, store } = await scene();
    const { token, record } = await named.create({ ...wish, on: "web-[1-3]", tags: ["b", "a"], kind: "human" });
    assert.match(token, /^fty_[A-Za-z0-9]{43}$/);
    assert.match(record.id, /^tok_[0-9A-Z]{26}$/);
    const { facts } = authority.ofToken(token) ?? assert.fail();
    assert.deepEqual([facts.principal, facts.kind, [...facts.verbs]], ["ci", "human", ["observe"]]);
    assert.deepEqual([facts.scope.on?.text, facts.scope.tags], ["web-[1-3]", ["b", "a"]]);
    assert.equal(JSON.stringify([...store.records.values()]).includes(token.slice(4)), false);
    for (const wrong of [`${token}x`, token.slice(0, -1), token.toLowerCase(), "fty_", record.hash]) {
      assert.equal(authority.ofToken(wrong), null, wrong);
    }
  });

  it("lets in until it expires, with all that came from it", async () => {
    const { authority, named, clock } = await scene();
    const { token } = await named.create(wish);
    const credential = authority.ofToken(token) ?? assert.fail();
    const browser = authority.exchange(authority.issueLoginTicket(credential)) ?? assert.fail();
    assert.deepEqual(browser.credential.facts, credential.facts);
    clock.nowMs += HOUR_MS - 1;
    assert.equal(authority.ofToken(token), credential);
    clock.nowMs += 1;
    assert.equal(authority.ofToken(token), null);
    assert.equal(authority.ofToken(browser.token), null);
    assert.equal(named.list().length, 1);
  });

  it("ends when it is taken back, with all that came from it, and is no more at the next start", async () => {
    const { authority, named, open } = await scene();
    const { token, record } = await named.create(wish);
    const other = await named.create(wish);
    const credential = authority.ofToken(token) ?? assert.fail();
    const told: string[] = [];
    credential.onEnd(() => told.push("over"));
    const browser = authority.exchange(authority.issueLoginTicket(credential)) ?? assert.fail();
    await named.remove(record.id);
    assert.deepEqual(told, ["over"]);
    assert.deepEqual([authority.ofToken(token), authority.ofToken(browser.token)], [null, null]);
    await assert.rejects(named.remove(record.id), { code: "token_not_found" });
    const again = await open();
    assert.equal(again.find(token), null);
    assert.equal(again.find(other.token)?.facts.principal, "ci");
  });

  it("ends although the disk refuses, which is told, and can be taken back again when there is room", async () => {
    const { authority, named, store } = await scene();
    const { token, record } = await named.create(wish);
    store.isFull = true;
    await assert.rejects(named.remove(record.id), { code: "resource_limit_reached", details: { limit: "disk" } });
    assert.equal(authority.ofToken(token), null);
    store.isFull = false;
    await named.remove(record.id);
    assert.deepEqual([named.list(), store.records.size], [[], 0]);
  });

  it("is not made when it cannot be kept, or when its servers cannot be read", async () => {
    const { named, store } = await scene();
    await assert.rejects(named.create({ ...wish, on: "web-*" }), { code: "invalid_selector" });
    store.isFull = true;
    await assert.rejects(named.create(wish), { code: "resource_limit_reached" });
    assert.deepEqual(named.list(), []);
  });

  it("whose servers this program cannot read lets nobody in", async () => {
    const { named, store, open } = await scene();
    const { token, record } = await named.create(wish);
    store.records.set(record.id, { ...record, on: "web-{1..3}" });
    const again = await open();
    assert.equal(again.find(token), null);
    assert.equal(again.list().length, 1);
  });

  it("tells when it was used last, which is kept for all in one write, and none where nothing was used", async () => {
    const { named, store, clock } = await scene();
    const [one, other] = [await named.create(wish), await named.create(wish)];
    await named.keepUses();
    clock.nowMs += 5_000;
    for (let count = 0; count < 100; count += 1) for (const { token } of [one, other]) named.find(token);
    const last_used_at = new Date(clock.nowMs).toISOString();
    assert.deepEqual(new Set(named.list().map((record) => record.last_used_at)), new Set([last_used_at]));
    store.isFull = true;
    await named.keepUses();
    store.isFull = false;
    await named.close();
    const ids = [one, other].map(({ record: { id } }) => id).sort();
    assert.deepEqual(store.written, [ids.map((id) => ({ id, last_used_at }))]);
  });

  it("is refused beyond a thousand, also when many come at once, until one expires", async () => {
    const { named, clock } = await scene();
    const asked = Array.from({ length: NAMED_TOKENS_MAX + 3 }, () => named.create(wish));
    const refused = (await Promise.allSettled(asked)).filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 3);
    const refusal = { code: "resource_limit_reached", details: { limit: "tokens", max: 1_000 } };
    await assert.rejects(named.create(wish), refusal);
    clock.nowMs += HOUR_MS;
    await named.create(wish);
    assert.equal(named.list().length, 1);
  });
});
