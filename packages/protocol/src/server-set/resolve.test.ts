// Holds server sets to the servers that they mean in a fleet: names before ranges, exclusions after all, nothing by health.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseServerSet } from "./parse.ts";
import { type FleetServer, resolveServerSet } from "./resolve.ts";

function server(hostname: string | null, more: Partial<Omit<FleetServer, "hostname">> = {}): FleetServer {
  return { hostname, id: `srv_${hostname}`, labels: {}, tags: new Set(), ...more };
}

const fleet = [
  server("hub", { isLocal: true, labels: { os: "linux", role: "control" } }),
  server("web-1", { labels: { role: "web", env: "prod" }, tags: new Set(["ci", "nightly"]) }),
  server("web-2", { labels: { role: "web", env: "dev" } }),
  server("db-01", { labels: { role: "db", env: "prod" }, tags: new Set(["ci"]) }),
  server(null, { id: "srv_nameless", labels: { env: "", constructor: "x" } }),
  server("A"),
  server("C"),
  server("A-C"),
  server("C-A"),
  server("Web-1"),
];
const everybody = fleet.map(({ id }) => id);

function meant(text: string, of: readonly FleetServer[] = fleet): readonly string[] {
  const { servers, unknown } = resolveServerSet(parseServerSet(text), of);
  return [...servers.map(({ id }) => id), ...unknown.map((name) => `?${name}`)];
}

function assertMeans(sets: Readonly<Record<string, string>>): void {
  for (const [text, names] of Object.entries(sets)) {
    const expected = names.split(" ").filter((name) => name !== "");
    assert.deepEqual(
      meant(text),
      expected.map((name) => (name.startsWith("?") ? name : `srv_${name}`)),
      text,
    );
  }
}

describe("a server set", () => {
  it("means every registered server by *", () => {
    assert.deepEqual(meant("*"), everybody);
    assert.deepEqual(meant("web-1 * web-2"), everybody);
  });

  it("means servers by exact name, lasting id and local, in the order of registration, each once", () => {
    assertMeans({
      "web-2 web-1 srv_web-2 web-[1-2]": "web-1 web-2",
      srv_nameless: "nameless",
      "local hub": "hub",
      "Web-1": "Web-1",
      "rack[1-2] db-[01,1] WEB-1": "db-01 ?rack1 ?rack2 ?db-1 ?WEB-1",
    });
  });

  it("leaves local to a server that is called so", () => {
    const named = [...fleet, server("local")];
    assert.deepEqual(meant("local", named), ["srv_local"]);
    assert.deepEqual(meant("local", fleet.slice(1)), ["?local"]);
  });

  it("means the first registered of two that claim one name", () => {
    assert.deepEqual(meant("a", [server("a", { id: "srv_1" }), server("a", { id: "srv_2" })]), ["srv_1"]);
  });

  it("is a hostname before it is a range", () => {
    assertMeans({ "A-C": "A-C", "C-A": "C-A", "* !A-C !C-A": "hub web-1 web-2 db-01 nameless A C Web-1" });
    const others = fleet.filter(({ hostname }) => hostname !== "A-C" && hostname !== "C-A");
    assert.deepEqual(meant("A-C", others), ["srv_A", "srv_C", "?B"]);
    const details = { at: 3, term: "C-A", expected: "an ascending range" };
    assert.throws(() => meant("* !C-A", others), { code: "invalid_selector", details });
  });

  it("means servers by their labels, and those without it where a value is ruled out", () => {
    assertMeans({
      "@role": "hub web-1 web-2 db-01",
      "@env": "web-1 web-2 db-01 nameless",
      "@role=web": "web-1 web-2",
      "@role=web|db": "web-1 web-2 db-01",
      "@role=web|db&@env=prod": "web-1 db-01",
      "@role!=web": "hub db-01 nameless A C A-C C-A Web-1",
      "@role!=web|control&@role": "db-01",
      "@env=Prod": "",
      "@constructor": "nameless",
      "@toString @__proto__": "",
    });
  });

  it("means servers by the tags of their live sessions", () => {
    assertMeans({ "#ci": "web-1 db-01", "#nightly": "web-1", "#CI": "", "#ci !#nightly": "db-01" });
  });

  it("takes away whatever the order, and may be empty", () => {
    assertMeans({
      "web-[1-2] !web-2": "web-1",
      "!web-2 web-[1-2]": "web-1",
      "!@role=web * !A,!C,!A-C,!C-A,!Web-1": "hub db-01 nameless",
      "web-1 !*": "",
    });
  });

  it("reports names that are nobody's, whether they add or take away, each once", () => {
    assertMeans({ "web-[1-4] x !x !web-9": "web-1 web-2 ?web-3 ?web-4 ?x ?web-9" });
  });
});

const term = fc.constantFrom(
  ...["*", "web-1", "web-[1-2]", "web-[2-3]", "db-01", "A", "A-C", "local", "srv_nameless", "nobody"],
  ...["@role", "@role=web", "@role!=web", "@env=prod&@role!=db", "#ci", "#nightly"],
);
const terms = fc.array(term, { minLength: 1, maxLength: 6 });
const mixed = fc.tuple(terms, fc.array(term, { maxLength: 4 }));
const without = (taken: readonly string[]) => taken.map((one) => `!${one}`);
const ids = (text: string) => resolveServerSet(parseServerSet(text), fleet).servers.map(({ id }) => id);

describe("any server set", () => {
  it("means servers of the fleet in its order, each once: all of its terms' less all that are taken away", () => {
    fc.assert(
      fc.property(mixed, ([added, taken]) => {
        const has = (one: string, id: string) => ids(one).includes(id);
        const expected = everybody.filter(
          (id) => added.some((one) => has(one, id)) && !taken.some((one) => has(one, id)),
        );
        assert.deepEqual(ids([...added, ...without(taken)].join(" ")), expected);
      }),
    );
  });

  it("means the same in any order and when said twice", () => {
    const shuffled = mixed.chain(([added, taken]) => {
      const all = [...added, ...without(taken)];
      return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
    });
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        assert.deepEqual(ids(other.join(",")), ids(all.join(" ")));
        assert.deepEqual(ids([...all, ...other].join(" ")), ids(all.join(" ")));
      }),
    );
  });

  it("rules out a value of a label as an exclusion does", () => {
    const value = fc.constantFrom("web", "db", "control", "nobody");
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (values) => {
        assert.deepEqual(ids(`@role!=${values.join("|")}`), ids(`* !@role=${values.join("|")}`));
      }),
    );
  });
});
