// Which token goes to whom, as a table: scheme, what is listed, and the address that was contacted decide.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Secret } from "@fleetty/protocol/secret";
import { readMemberAddress } from "./member-address.ts";
import { SharedToken, tokenFor } from "./token-cascade.ts";

const own = new Secret("own");
const shared = new SharedToken(new Secret("shared"), [
  "10.0.1.0/24",
  "2001:db8::/32",
  "192.0.2.7",
  "127.0.0.0/8",
  "*.Build.example",
  "one.example",
  "localhost",
]);

type Sent = "own" | "shared" | null;

const rows: readonly (readonly [who: string, address: string, contacted: string, sent: Sent])[] = [
  ["a listed network over TLS", "https://10.0.1.5", "10.0.1.5", "shared"],
  ["a listed network under a name, over TLS", "https://any.example", "10.0.1.5", "shared"],
  ["a listed network as a mapped address", "https://any.example", "::ffff:10.0.1.5", "shared"],
  ["a listed IPv6 network", "https://[2001:db8::1]", "2001:db8::1", "shared"],
  ["a listed address", "https://192.0.2.7", "192.0.2.7", "shared"],
  ["a name below a listed one", "https://a.build.example", "203.0.113.1", "shared"],
  ["a name far below a listed one, in capitals", "https://A.B.BUILD.example", "203.0.113.1", "shared"],
  ["a listed name", "https://one.example:7337/x", "203.0.113.1", "shared"],
  ["a listed network in plain text", "http://10.0.1.5", "10.0.1.5", null],
  ["a listed name in plain text", "http://one.example", "203.0.113.1", null],
  ["loopback in plain text, listed as a network", "http://127.0.0.1:7337", "127.0.0.1", "shared"],
  ["loopback in plain text, listed by name", "http://localhost:7337", "::1", "shared"],
  ["a listed name in plain text that leads to loopback", "http://one.example", "127.0.0.1", "shared"],
  ["a name called localhost that leads elsewhere", "http://localhost", "203.0.113.1", null],
  ["loopback that is not listed", "http://[::1]:7337", "::1", null],
  ["a neighbour of a listed network", "https://10.0.2.5", "10.0.2.5", null],
  ["the parent of names that are listed", "https://build.example", "203.0.113.1", null],
  ["a name that ends alike", "https://evilbuild.example", "203.0.113.1", null],
  ["a listed name as the beginning of another", "https://one.example.evil.example", "203.0.113.1", null],
  ["an unknown name that leads to an unlisted address", "https://any.example", "203.0.113.1", null],
];

describe("the token that a member is sent", () => {
  for (const [who, text, contacted, sent] of rows) {
    const contact = { address: readMemberAddress(text), contacted };
    it(`is ${sent === null ? "none" : "the shared one"} for ${who}`, () => {
      assert.equal(tokenFor(null, shared, contact)?.reveal() ?? null, sent);
      assert.equal(tokenFor(new Secret(""), shared, contact)?.reveal() ?? null, sent);
      assert.equal(tokenFor(null, null, contact), null);
    });
    it(`is its own for ${who}, when it has one`, () => {
      assert.equal(tokenFor(own, shared, contact), own);
      assert.equal(tokenFor(own, null, contact), own);
    });
  }

  it("is not for a list that says too much or nothing", () => {
    for (const bad of [
      "*",
      "*.",
      "",
      "a..b",
      "10.0.0.0/33",
      "10.0.1",
      "*.10.0.0.1/8",
      "a b",
      "http://a",
      "a:7337",
      "-a",
    ]) {
      assert.throws(() => new SharedToken(own, ["10.0.0.0/8", bad]), RangeError, bad);
    }
  });
});
