// Holds to what is believed of proxies and allowed to pages: nothing that a caller could have made up itself.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrossOrigin, originProblem } from "./cross-origin.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

/** Address and scheme that a request is taken to have. */
function taken(trusted: readonly string[], peer: string, forwardedFor?: string, forwardedProto?: string) {
  const proxies = new TrustedProxies(trusted);
  const forwarded = { peer, forwardedFor, forwardedProto };
  return [proxies.callerOf(forwarded), proxies.schemeOf(forwarded)];
}

describe("a proxy's word", () => {
  it("does not count from an address that is not trusted", () => {
    assert.deepEqual(taken([], "10.0.0.1", "1.1.1.1", "https"), ["10.0.0.1", null]);
    assert.deepEqual(taken(["10.0.0.2", "10.1.0.0/16"], "10.0.0.1", "1.1.1.1", "https"), ["10.0.0.1", null]);
  });

  it("counts back to the first address that is none of the trusted ones", () => {
    const trusted = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"];
    assert.deepEqual(taken(trusted, "127.0.0.1", "1.1.1.1", "https"), ["1.1.1.1", "https"]);
    assert.deepEqual(taken(trusted, "::ffff:127.0.0.1", "6.6.6.6, 1.1.1.1,10.3.2.1"), ["1.1.1.1", null]);
    assert.deepEqual(taken(trusted, "2001:db8:5::1", "6.6.6.6, 2001:db9::1", "http"), ["2001:db9::1", "http"]);
    assert.deepEqual(taken(trusted, "10.0.0.1", "10.0.0.2, 10.0.0.3"), ["10.0.0.2", null]);
  });

  it("stops counting where it is no address, and where nothing is said", () => {
    assert.deepEqual(taken(["127.0.0.1"], "127.0.0.1"), ["127.0.0.1", null]);
    assert.deepEqual(taken(["127.0.0.1"], "127.0.0.1", "unknown", "wss"), ["127.0.0.1", null]);
    assert.deepEqual(taken(["127.0.0.1"], "127.0.0.1", "1.1.1.1, ", "https, HTTP"), ["127.0.0.1", "http"]);
  });

  it("is asked of addresses and networks only", () => {
    for (const wrong of [
      "",
      "proxy.example",
      "10.0.0.0/33",
      "10.0.0.0/",
      "10.0.0.0/8/8",
      "::/129",
      "10.0.0/8",
      "10.0.0.0/-1",
    ])
      assert.throws(() => new TrustedProxies([wrong]), RangeError, wrong);
  });
});

describe("a page of another origin", () => {
  it("is told what it may only when its origin is allowed, letter by letter", () => {
    const pages = new CrossOrigin(["https://app.example"]);
    assert.deepEqual(pages.headersFor("https://app.example"), {
      "access-control-allow-origin": "https://app.example",
      "access-control-expose-headers": "*",
      vary: "Origin",
    });
    for (const origin of [
      undefined,
      "null",
      "http://app.example",
      "https://app.example:444",
      "https://app.example.evil",
    ])
      assert.equal(pages.headersFor(origin), null, String(origin));
  });

  it("is allowed by an origin as browsers write it", () => {
    for (const origin of ["https://app.example", "http://10.0.0.1:8080", "http://[::1]:3000"])
      assert.equal(originProblem(origin), null, origin);
    const wrong = [
      "*",
      "null",
      "",
      "app.example",
      "https://app.example/",
      "https://App.example",
      "https://app.example:443",
    ];
    for (const origin of [...wrong, "ftp://app.example", "https://a@app.example"])
      assert.ok(originProblem(origin), origin);
  });
});
