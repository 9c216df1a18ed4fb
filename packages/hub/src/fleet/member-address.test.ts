// Holds addresses of members to one text each, and refusals to saying what is wrong without repeating a secret.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import fc from "fast-check";
import { isUnspecified } from "../auth/peer-address.ts";
import { readMemberAddress } from "./member-address.ts";

function refusal(text: string | undefined): string {
  try {
    return assert.fail(`${text} is ${readMemberAddress(text).text}`);
  } catch (thrown) {
    assert.ok(thrown instanceof FleettyError, String(thrown));
    assert.equal(thrown.code, "invalid_request");
    assert.deepEqual(thrown.details, { field: "address" });
    return thrown.message;
  }
}

/** What each wrong text is told. */
const refusals: readonly (readonly [text: string | undefined, told: RegExp])[] = [
  [undefined, /is missing; give one such as http:/],
  ["", /is missing/],
  ["10.0.1.10:8080", /no scheme; write http:\/\/10\.0\.1\.10:8080$/],
  ["localhost:80/x/", /no scheme; write http:\/\/localhost\/x$/],
  ["Build-1", /no scheme; write http:\/\/build-1$/],
  ["//build-1", /no scheme; write http:\/\/build-1$/],
  ["https:build-1:7337", /no scheme; write https:\/\/build-1:7337$/],
  ["http:/build-1", /no scheme; write http:\/\/build-1$/],
  ["build-1?token=hunter2", /no scheme; write one such as/],
  ["user:hunter2@build-1", /no scheme; write one such as/],
  ["::1", /no scheme; write one such as/],
  ["ftp://build-1", /begins with ftp:; a member is reached by http: or https:/],
  ["wss://build-1/link", /begins with wss:/],
  ["unix:/run/link.sock", /begins with unix:/],
  ["http://", /names no host/],
  ["http:///x", /names no host/],
  ["http://:80", /names no host/],
  ["http://::1", /colons or brackets out of place; write IPv6/],
  ["http://::1:80", /colons or brackets out of place; write IPv6/],
  ["http://2001:db8::1", /colons or brackets out of place; write IPv6/],
  ["http://[::1", /colons or brackets out of place; write IPv6/],
  ["http://[::1]80", /colons or brackets out of place; write IPv6/],
  ["http://[::g]", /neither a name nor an address/],
  ["http://[fe80::1%eth0]", /without a zone/],
  ["http://[fe80::1%25eth0]", /without a zone/],
  ["http://%31", /holds a %/],
  ["http://1.2.3.256", /neither a name nor an address/],
  ["http://1.2.3.4.5", /neither a name nor an address/],
  ["http://-x", /no name of a machine/],
  ["http://x-.example", /no name of a machine/],
  ["http://x..y", /no name of a machine/],
  ["http://..", /no name of a machine/],
  ["http://*.example", /no name of a machine/],
  [`http://${"a".repeat(64)}`, /no name of a machine/],
  [`http://${"a.".repeat(130)}b`, /no name of a machine/],
  ["http://x:", /the port ""; write a number from 1 to 65535/],
  ["http://x:0", /the port "0"/],
  ["http://x:00", /the port "00"/],
  ["http://x:65536", /the port "65536"/],
  ["http://x:+80", /the port "\+80"/],
  ["http://x:8o", /the port "8o"/],
  ["http://x:-1/y", /the port "-1"/],
  ["http://user@x", /user information/],
  ["http://user:hunter2@x", /user information/],
  ["http://@x", /user information/],
  ["http://user:hunter2@x?y", /user information/],
  ["http://x?", /query/],
  ["http://x/y?token=hunter2", /query/],
  ["http://x#", /fragment/],
  ["http://x/#hunter2", /fragment/],
  ["http://x/../y", /no prefix/],
  ["http://x/y/.", /no prefix/],
  ["http://x/./y/", /no prefix/],
  ["http://x/%2e%2e/y", /no prefix/],
  ["http://x/%41", /no prefix/],
  ["http://x/a%2fb", /no prefix/],
  ["http://x//", /no prefix/],
  ["http://x/a//b", /no prefix/],
  ["http://x/ä", /no prefix/],
  ["http://x/a b", /holds a blank/],
  [" http://x", /holds a blank/],
  ["http://x\n", /holds a blank/],
  ["ht\ttp://x", /holds a blank/],
  ["http://x\0", /holds a blank/],
  ["http:\\\\x", /backslash/],
  ["http://x\\@y", /backslash/],
  [`http://x/${"a".repeat(1024)}`, /more than 1024 characters/],
];

/** Spellings of no machine. */
const unspecified =
  "0.0.0.0 0 0x0 00.0 0.0 000.0x0.0 0.0.0.0. ０.0.0.0 [::] [0:0::0] [::0.0.0.0] [::ffff:0:0] [::FFFF:0.0.0.0] [64:ff9b::]";

describe("the address of a member", () => {
  it("is taken apart, and says what is dialled", () => {
    assert.deepEqual(readMemberAddress("HTTPS://Proxy.Example:443/Node-1/"), {
      scheme: "https",
      host: "proxy.example",
      port: 443,
      prefix: "/Node-1",
      text: "https://proxy.example/Node-1",
      linkUrl: "wss://proxy.example/Node-1/link",
      isLoopback: false,
    });
    assert.deepEqual(readMemberAddress("http://[0:0::1]:7337"), {
      scheme: "http",
      host: "::1",
      port: 7337,
      prefix: "",
      text: "http://[::1]:7337",
      linkUrl: "ws://[::1]:7337/link",
      isLoopback: true,
    });
    assert.ok(Object.isFrozen(readMemberAddress("http://x")));
    for (const host of ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST.", "[::1]", "[::ffff:7f00:1]", "0x7f.1"])
      assert.ok(readMemberAddress(`http://${host}`).isLoopback, host);
    for (const host of ["10.0.0.1", "localhost.example", "[::2]", "128.0.0.1"])
      assert.ok(!readMemberAddress(`http://${host}`).isLoopback, host);
  });

  it("is one text however it is spelled", () => {
    const same = [
      ["http://10.0.1.10", "HTTP://10.0.1.10:80/", "http://10.0.1.10:080", "http://0xa.0.0x1.012", "http://167772426"],
      ["http://10.0.1.10", "http://[::ffff:10.0.1.10]", "http://[0:0:0:0:0:FFFF:a00:10a]/", "http://10.0.1.10."],
      ["https://build-1.example", "https://BUILD-1.Example.:443", "HtTpS://build-1.example/"],
      ["http://[2001:db8::1]:8080/x", "http://[2001:0DB8:0:0::0:1]:08080/x/"],
      ["http://xn--bcher-kva.example", "http://bücher.example", "http://BÜCHER.example."],
      ["http://my_service:81/a.b/~c@d", "http://My_Service:81/a.b/~c@d/"],
    ];
    for (const [first = "", ...others] of same) {
      for (const text of [first, ...others]) assert.equal(readMemberAddress(text).text, first, text);
    }
  });

  it("is another one with another scheme, host, port or prefix, whose case counts", () => {
    const hosts = ["http://x", "https://x", "http://x:443", "http://y", "http://x.y", "http://[64:ff9b::a00:1]"];
    const texts = [...hosts, "http://10.0.0.1", "http://x/a", "http://x/A", "http://x/a/b"];
    assert.equal(new Set(texts.map((text) => readMemberAddress(text).text)).size, texts.length);
  });

  it("is refused with what is wrong and what to do", () => {
    for (const [text, told] of refusals) {
      const message = refusal(text);
      assert.match(message, told, JSON.stringify(text));
      assert.match(message, /^address [^\n]*;/);
      assert.ok(!message.includes("hunter2"), message);
      assert.ok(message.length < 300, message);
    }
    for (const host of unspecified.split(" "))
      assert.match(refusal(`http://${host}:80/x`), /stands for no machine; name the one/, host);
  });

  it("has a normal form that is its own, and that URL reads the same", () => {
    const name = fc.stringMatching(/^[a-zA-Z]([a-zA-Z0-9_-]{0,8}[a-zA-Z0-9])?$/);
    const hosts = fc.oneof(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((labels) => labels.join(".")),
      fc.ipV4().filter((text) => !isUnspecified(text)),
      fc
        .ipV6()
        .filter((text) => !isUnspecified(text))
        .map((text) => `[${text}]`),
    );
    const segment = fc.stringMatching(/^[A-Za-z0-9~_:@-]{1,6}$/).map((text) => `/${text}`);
    const parts = fc.record({
      scheme: fc.constantFrom("http", "https"),
      host: hosts,
      port: fc.oneof(
        fc.constant(""),
        fc.integer({ min: 1, max: 65_535 }).map((port) => `:${port}`),
      ),
      prefix: fc.array(segment, { maxLength: 3 }).map((segments) => segments.join("")),
    });
    fc.assert(
      fc.property(parts, ({ scheme, host, port, prefix }) => {
        const address = readMemberAddress(`${scheme}://${host}${port}${prefix}`);
        const alike = `${scheme.toUpperCase()}://${host.toUpperCase()}${port}${prefix}/`;
        for (const text of [address.text, alike]) assert.deepEqual(readMemberAddress(text), address);
        assert.equal(new URL(address.text).href, address.text + (prefix === "" ? "/" : ""));
        assert.equal(new URL(address.linkUrl).pathname, `${prefix}/link`);
      }),
    );
  });
});
