// Holds the lists of who may be dialled to their word, whatever an address looks like and wherever it stands in an answer.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { IpAccess, tellDenial } from "./ip-access.ts";

/** What an operator is told; null when all is allowed. */
function told(lists: { allowlist?: string[]; blocklist?: string[] }, ...addresses: string[]): string | null {
  const verdict = new IpAccess({ allowlist: [], blocklist: [], ...lists }).judge(addresses);
  return verdict.kind === "denied" ? tellDenial(verdict) : null;
}

describe("the lists of addresses", () => {
  it("allow everything when they are empty, except what stands for no machine", () => {
    assert.equal(told({}, "10.0.0.1", "::1", "169.254.169.254", "64:ff9b::1.1.1.1"), null);
    for (const nothing of ["0.0.0.0", "::", "::ffff:0:0", "64:ff9b::"])
      assert.equal(told({ allowlist: ["::/0", "0.0.0.0/0"] }, "10.0.0.1", nothing), `${nothing} stands for no machine`);
  });

  it("deny a name when one of its addresses is blocked, and say which and why", () => {
    const blocklist = ["169.254.0.0/16", "fd00::/8"];
    assert.equal(told({ blocklist }, "10.0.0.1", "2001:db8::1"), null);
    for (const address of ["169.254.169.254", "::ffff:169.254.0.1", "::ffff:a9fe:1", "64:ff9b::169.254.0.1"]) {
      assert.equal(told({ blocklist }, "10.0.0.1", address), `${address} is in 169.254.0.0/16 of the blocklist`);
      assert.equal(told({ blocklist, allowlist: ["0.0.0.0/0"] }, address, "10.0.0.1")?.startsWith(address), true);
    }
    assert.equal(told({ blocklist }, "fd12::1"), "fd12::1 is in fd00::/8 of the blocklist");
  });

  it("deny a name when one of its addresses is not allowed", () => {
    const allowlist = ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"];
    assert.equal(
      told({ allowlist }, "10.0.0.1", "::ffff:10.2.3.4", "64:ff9b::a00:1", "2001:db8::1", "127.0.0.1"),
      null,
    );
    for (const address of ["11.0.0.1", "127.0.0.2", "64:ff9b::11.0.0.1", "2001:db9::1", "::1", "::ffff:8.8.8.8"])
      assert.equal(told({ allowlist }, "10.0.0.1", address), `${address} is outside the allowlist`);
  });

  it("block translators as such when they are named, and never allow them as such", () => {
    assert.match(told({ blocklist: ["64:ff9b::/96"] }, "64:ff9b::a00:1") ?? "", /64:ff9b::\/96 of the blocklist/);
    assert.equal(told({ blocklist: ["64:ff9b::/96"] }, "10.0.0.1"), null);
    assert.equal(told({ allowlist: ["::/0"] }, "64:ff9b::a00:1"), "64:ff9b::a00:1 is outside the allowlist");
    const lists = { allowlist: ["64:ff9b::/96"], blocklist: [] };
    assert.throws(() => new IpAccess(lists), { name: "RangeError", message: /64:ff9b::\/96 .* IPv4 network instead/ });
  });

  it("are refused with the name of the bad entry", () => {
    for (const list of ["allowlist", "blocklist"] as const) {
      const lists = { allowlist: ["10.0.0.0/8"], blocklist: ["10.0.0.0/8"], [list]: ["10.0.0.0/8", "10.0.0.0/99"] };
      const message = new RegExp(`^${list}: "10.0.0.0/99"`);
      assert.throws(() => new IpAccess(lists), { name: "RangeError", message });
    }
  });

  it("judge alike in whatever order addresses come, and never milder with one more", () => {
    const pool = [
      "10.0.0.1",
      "10.9.0.1",
      "11.0.0.1",
      "::ffff:10.9.0.1",
      "64:ff9b::a09:1",
      "::1",
      "0.0.0.0",
      "2001:db8::1",
    ];
    const addresses = fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 5 });
    const access = new IpAccess({ allowlist: ["10.0.0.0/8", "2001:db8::/32"], blocklist: ["10.9.0.0/16"] });
    fc.assert(
      fc.property(addresses, fc.constantFrom(...pool), (some, one) => {
        const { kind } = access.judge(some);
        assert.equal(access.judge(some.toReversed()).kind, kind);
        const isEachAllowed = some.every((address) => access.judge([address]).kind === "allowed");
        assert.equal(kind === "allowed", isEachAllowed);
        if (kind === "denied") assert.equal(access.judge([...some, one]).kind, "denied");
      }),
    );
  });
});
