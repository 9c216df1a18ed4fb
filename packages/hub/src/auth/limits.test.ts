// Holds what is counted to its bounds: wrong credentials by address, requests by principal, and both to bounded memory.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FailedAttempts } from "./failed-attempts.ts";
import { countedAs, isLoopback } from "./peer-address.ts";
import { RequestRate } from "./request-rate.ts";

describe("wrong credentials of an address", () => {
  it("are looked at 20 times in any minute, and again when the oldest is a minute old", () => {
    const attempts = new FailedAttempts();
    for (let at = 0; at < 20; at += 1) {
      assert.equal(attempts.retryAfterMs("10.0.0.1", at * 1_000), 0);
      attempts.failed("10.0.0.1", at * 1_000);
    }
    assert.equal(attempts.retryAfterMs("10.0.0.1", 20_000), 40_000);
    assert.equal(attempts.retryAfterMs("10.0.0.1", 59_999), 1);
    assert.equal(attempts.retryAfterMs("10.0.0.2", 20_000), 0);
    assert.equal(attempts.retryAfterMs("10.0.0.1", 60_000), 0);
    attempts.failed("10.0.0.1", 60_000);
    assert.equal(attempts.retryAfterMs("10.0.0.1", 60_000), 1_000);
  });

  it("are remembered of so many addresses, those that failed last", () => {
    const attempts = new FailedAttempts({ addressesMax: 100 });
    for (let count = 0; count < 20; count += 1) attempts.failed("10.0.0.1", 0);
    for (let host = 0; host < 99; host += 1) attempts.failed(`10.1.0.${host}`, 1);
    assert.equal(attempts.size, 100);
    assert.ok(attempts.retryAfterMs("10.0.0.1", 2) > 0);
    attempts.failed("10.2.0.1", 2);
    assert.equal(attempts.size, 100);
    assert.equal(attempts.retryAfterMs("10.0.0.1", 2), 0);
  });

  it("are forgotten after a minute", () => {
    const attempts = new FailedAttempts();
    for (let host = 0; host < 200; host += 1) attempts.failed(`10.1.0.${host}`, 0);
    attempts.failed("10.2.0.1", 60_000);
    assert.equal(attempts.size, 1);
  });

  it("count together for a /64 of IPv6, and for IPv4 however it is written", () => {
    const same = [
      ["2001:db8::1", "2001:db8:0:0:ffff::2", "2001:0db8:0000:0000::", "2001:db8::1%eth0", "2001:DB8::a:b:c:d"],
      ["::ffff:10.0.0.1", "10.0.0.1", "::FFFF:10.0.0.1"],
      ["fe80::1%eth0", "fe80::2%eth1"],
      ["64:ff9b::10.0.0.1", "64:ff9b::a00:2"],
    ];
    for (const [first = "", ...others] of same) {
      for (const other of others) assert.equal(countedAs(other), countedAs(first), `${other} and ${first}`);
    }
    const keys = ["2001:db8::1", "2001:db8:0:1::1", "2001:db9::1", "10.0.0.1", "10.0.0.2", "::1", "fe80::1"];
    assert.equal(new Set(keys.map(countedAs)).size, keys.length);
  });
});

describe("requests of a principal", () => {
  it("are taken at a steady rate, twice as many at once", () => {
    const rate = new RequestRate(10);
    for (let count = 0; count < 20; count += 1) assert.equal(rate.take("a", 0), 0, String(count));
    assert.equal(rate.take("a", 0), 100);
    assert.equal(rate.take("b", 0), 0);
    assert.equal(rate.take("a", 50), 50);
    assert.equal(rate.take("a", 100), 0);
    assert.equal(rate.take("a", 100), 100);
    for (let count = 0; count < 20; count += 1) assert.equal(rate.take("a", 60_000), 0, String(count));
    assert.ok(rate.take("a", 60_000) > 0);
  });
});

describe("a loopback address", () => {
  it("is told from one that others reach", () => {
    for (const host of [
      "127.0.0.1",
      "127.8.9.1",
      "::1",
      "0:0:0:0:0:0:0:1",
      "localhost",
      "LOCALHOST",
      "::ffff:127.0.0.1",
    ])
      assert.ok(isLoopback(host), host);
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::2", "localhost.example", "127.example", "fe80::1"])
      assert.ok(!isLoopback(host), host);
  });
});
