// Which servers a list or a wait is about.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseServers } from "./chosen-servers.ts";

const server = (id: string, hostname: string | null, role: string | null, ...tags: string[]) => ({
  id,
  hostname,
  labels: role === null ? {} : { role },
  tags: new Set(tags),
  isLocal: id === "srv_own",
});
const own = { id: "srv_own", hostname: "hub-1" };
const fleet = [
  server("srv_own", "hub-1", null, "ci"),
  server("srv_a", "web-1", "web"),
  server("srv_b", "web-2", "db", "ci", "docs"),
  server("srv_c", null, null),
];

const chosen = (asked: { server?: string; on?: string }, servers = fleet) =>
  chooseServers(asked, { own, servers })
    .map(({ id }) => id.slice(4))
    .join(" ");

describe("the servers that are meant", () => {
  it("are all of them, one, or those of a set, in the order of the fleet", () => {
    const cases: readonly (readonly [Parameters<typeof chosen>[0], string])[] = [
      [{}, "own a b c"],
      [{ server: "web-2" }, "b"],
      [{ server: "local" }, "own"],
      [{ server: "hub-1" }, "own"],
      [{ server: "srv_c" }, "c"],
      [{ on: "*" }, "own a b c"],
      [{ on: "web-[1-2],!@role=db" }, "a"],
      [{ on: "srv_c,local" }, "own c"],
      [{ on: "#ci" }, "own b"],
      [{ on: "@role=cache" }, ""],
    ];
    for (const [asked, wanted] of cases) assert.equal(chosen(asked), wanted, JSON.stringify(asked));
  });

  it("are refused where nobody is called so, where the set cannot be read, and where two things are said", () => {
    assert.throws(() => chosen({ server: "web-9" }), { code: "server_not_found", details: { unknown: ["web-9"] } });
    assert.throws(() => chosen({ on: "web-[2-4]" }), {
      code: "server_not_found",
      details: { unknown: ["web-3", "web-4"] },
    });
    assert.throws(() => chosen({ on: "web-[" }), { code: "invalid_selector" });
    const seen = fleet.slice(1);
    assert.equal(chosen({}, seen), "a b c");
    for (const asked of [{ server: "local" }, { server: "hub-1" }, { on: "hub-1" }]) {
      assert.throws(() => chosen(asked, seen), { code: "server_not_found" }, JSON.stringify(asked));
    }
    assert.throws(() => chosen({ server: "web-1", on: "*" }), { code: "invalid_request" });
  });
});
