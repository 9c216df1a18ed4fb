// Holds listeners to the defaults that depend on who can reach them: nothing is counted on loopback, a hundred a second beyond.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { Secret } from "@fleetty/protocol/secret";
import { Authority } from "../auth/authority.ts";
import { TrustedProxies } from "../auth/trusted-proxies.ts";
import { type AccessRules, tcpAdmissions } from "./tcp-access.ts";

const TOKEN = "root-token-of-tests";

const rules: AccessRules = {
  allowedHosts: [],
  allowedOrigins: [],
  proxies: new TrustedProxies([]),
  basePrefix: "",
  isOpen: false,
  rateLimit: null,
  connectionsMax: 10,
  certificate: null,
};

/** How many of 1000 requests at one moment are let in at each host, one host after the other. */
function letIn(rateLimit: number | null, hosts: readonly string[]): number[] {
  const root = { secret: new Secret(TOKEN), renew: null, from: "a test" };
  const authority = new Authority({ root, steadyMs: () => 0 });
  const admissionAt = tcpAdmissions({ authority, hostname: "here", access: { ...rules, rateLimit } });
  const facts = {
    host: "here",
    origin: undefined,
    authorization: `Bearer ${TOKEN}`,
    ticket: undefined,
    remoteAddress: "10.0.0.1",
    forwardedFor: undefined,
    forwardedProto: undefined,
    face: "http",
  };
  return hosts.map((host) => {
    const admission = admissionAt(host);
    const answers = Array.from({ length: 1_000 }, () => {
      try {
        return admission.callerOf(facts);
      } catch (thrown) {
        assert.ok(thrown instanceof FleettyError && thrown.code === "rate_limited", String(thrown));
        return null;
      }
    });
    return answers.filter((one) => one !== null).length;
  });
}

describe("a listener", () => {
  it("counts a hundred requests a second, twice as many at once, where others can reach it, and none on loopback", () => {
    assert.deepEqual(letIn(null, ["127.0.0.1", "::1", "localhost"]), [1_000, 1_000, 1_000]);
    assert.deepEqual(letIn(null, ["0.0.0.0"]), [200]);
    assert.deepEqual(letIn(null, ["10.0.0.9", "127.0.0.1"]), [200, 1_000]);
  });

  it("counts what the operator says wherever it listens, over all listeners together", () => {
    assert.deepEqual(letIn(5, ["127.0.0.1"]), [10]);
    assert.deepEqual(letIn(5, ["127.0.0.1", "0.0.0.0"]), [10, 0]);
  });
});
