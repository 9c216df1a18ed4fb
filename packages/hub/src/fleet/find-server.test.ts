// Holds server references to the server that they mean, and to the refusal of those that mean none.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findServer, findServerOrAddress, type NamedServer } from "./find-server.ts";

const local = { hostname: "hub", id: "srv_hub" };
const members: NamedServer[] = [
  { hostname: "web-1", id: "srv_1", address: "http://10.0.0.1:7337" },
  { hostname: null, id: "srv_2", address: "https://x.example/prefix" },
  { hostname: "web-1", id: "srv_3", address: "link:srv_3" },
  { hostname: "hub", id: "srv_4" },
];
const fleet = { local, members };

const called = (reference: string, of = fleet) => {
  const found = findServer(reference, of);
  return found.at === "local" ? "local" : found.member.id;
};

describe("a server reference", () => {
  it("means the server of that hostname or id, the answering one and those registered first before others", () => {
    const meant = { hub: "local", srv_hub: "local", local: "local", "web-1": "srv_1", srv_2: "srv_2", srv_4: "srv_4" };
    for (const [reference, id] of Object.entries(meant)) assert.equal(called(reference), id, reference);
  });

  it("means by local a member of that hostname, if there is one", () => {
    assert.equal(called("local", { local, members: [...members, { hostname: "local", id: "srv_5" }] }), "srv_5");
  });

  it("is exact, and refused if it is nobody's", () => {
    for (const reference of ["Web-1", "web-1 ", "", "SRV_1", "http://10.0.0.1:7337", "link:srv_3", "LOCAL"]) {
      const details = { unknown: [reference] };
      assert.throws(() => findServer(reference, fleet), { code: "server_not_found", details }, reference);
    }
    assert.throws(() => findServer("x", fleet), { message: /"x".*list the servers/ });
  });
});

describe("a reference to a server itself", () => {
  const meant = (reference: string, address?: string) => {
    const found = findServerOrAddress({ reference, address }, fleet);
    return found.at === "local" ? "local" : found.member.id;
  };

  it("may be an address as well, normalised, or the one of a member that joined", () => {
    assert.equal(meant("HTTP://10.0.0.1:7337/", "http://10.0.0.1:7337"), "srv_1");
    assert.equal(meant("https://x.example:443/prefix", "https://x.example/prefix"), "srv_2");
    assert.equal(meant("link:srv_3"), "srv_3");
    assert.equal(meant("srv_2"), "srv_2");
    assert.equal(meant("local"), "local");
  });

  it("is refused if it is nobody's", () => {
    const refused = { code: "server_not_found", details: { unknown: ["http://10.0.0.9"] } };
    assert.throws(() => meant("http://10.0.0.9", "http://10.0.0.9:80"), refused);
    assert.throws(() => meant("undefined"), { code: "server_not_found" });
  });
});
