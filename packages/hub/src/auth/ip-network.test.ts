// Holds addresses and networks to arithmetic: what lies in a network, and what an address stands for in any spelling.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { IpNetwork } from "./ip-network.ts";
import { isUnspecified, plainAddress, reachedAddress } from "./peer-address.ts";

const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255)));
const groups = fc.tuple(...Array.from({ length: 8 }, () => fc.oneof(fc.constant(0), fc.nat(0xffff))));
const hex = (values: readonly number[]) => values.map((value) => value.toString(16)).join(":");

function bits(values: readonly number[], width: number): string {
  return values.map((value) => value.toString(2).padStart(width, "0")).join("");
}

/** Both spellings of the IPv4 address at the end of an IPv6 one. */
function behind(prefix: string, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): string[] {
  return [`${prefix}${a}.${b}.${c}.${d}`, `${prefix}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`];
}

describe("a network", () => {
  it("holds the addresses that begin with its bits, in both families", () => {
    const families = [
      { values: octets, width: 8, text: (values: readonly number[]) => values.join(".") },
      { values: groups, width: 16, text: hex },
    ];
    for (const { values, width, text } of families) {
      fc.assert(
        fc.property(values, values, fc.nat(), fc.nat(), (base, other, cut, keep) => {
          const length = cut % (base.length * width + 1);
          const same = keep % (base.length + 1);
          const address = [...base.slice(0, same), ...other.slice(same)];
          const isIn = bits(base, width).slice(0, length) === bits(address, width).slice(0, length);
          fc.pre(!text(base).startsWith("0:0:0:0:0:ffff:") && !text(address).startsWith("0:0:0:0:0:ffff:"));
          assert.equal(new IpNetwork(`${text(base)}/${length}`).contains(text(address)), isIn);
        }),
      );
    }
  });

  it("is the same of IPv4 when it is written as IPv6, and apart from IPv6 otherwise", () => {
    for (const text of ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::FFFF:a00:0/104"]) {
      const network = new IpNetwork(text);
      for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203"]) assert.ok(network.contains(address));
      for (const address of ["11.1.2.3", "::ffff:b01:203", "::10.1.2.3", "a00::", "build-1", ""])
        assert.ok(!network.contains(address), `${address} in ${text}`);
    }
    assert.ok(!new IpNetwork("::/0").contains("10.1.2.3"));
    assert.ok(!new IpNetwork("::/0").contains("::ffff:10.1.2.3"));
    assert.ok(!new IpNetwork("0.0.0.0/0").contains("::1"));
    assert.ok(new IpNetwork("fe80::/10").contains("fe80::1%eth0"));
  });

  it("is refused by name when it is none", () => {
    for (const wrong of ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/8/8", "fe80::1%eth0", "fe80::%1/10", "x"])
      assert.throws(() => new IpNetwork(wrong), { name: "RangeError", message: new RegExp(JSON.stringify(wrong)) });
  });
});

describe("an address", () => {
  it("is the IPv4 one that it carries, mapped or for a translator", () => {
    fc.assert(
      fc.property(octets, (values) => {
        const plain = values.join(".");
        for (const prefix of ["::ffff:", "::FFFF:", "0:0:0:0:0:ffff:", "0000::ffff:"]) {
          for (const address of behind(prefix, values)) assert.equal(plainAddress(address), plain, address);
        }
        for (const prefix of ["64:ff9b::", "0064:FF9B:0:0:0:0:"]) {
          for (const address of behind(prefix, values)) {
            assert.equal(reachedAddress(address), plain, address);
            assert.equal(plainAddress(address), address, "it is contacted as it is");
          }
        }
      }),
    );
    for (const other of ["::1", "64:ff9b:1::a00:1", "::a00:1", "2001:db8::1", "build-1", "::ffff:999.0.0.1"])
      assert.equal(reachedAddress(other), other);
  });

  it("is unspecified in every spelling of nothing", () => {
    for (const address of [
      "0.0.0.0",
      "::",
      "0:0::0",
      "::0.0.0.0",
      "::ffff:0:0",
      "::ffff:0.0.0.0",
      "64:ff9b::",
      "::%lo",
    ])
      assert.ok(isUnspecified(address), address);
    for (const address of ["0.0.0.1", "::1", "::ffff:0:1", "64:ff9b::1", "64:ff9c::", "localhost"])
      assert.ok(!isUnspecified(address), address);
  });
});
