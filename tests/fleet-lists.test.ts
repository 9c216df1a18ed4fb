// Lists of a fleet as their callers meet them: in one order, of the servers that were asked for, in pages, and honest about
// who is away.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { fixture } from "./harness/programs.ts";

describe("the list of a fleet", () => {
  let fleet: TestFleet;

  before(async () => {
    fleet = await startFleet({ members: ["web-1", "web-2"] });
    const made = [
      ["near", "hub-1", "ci"],
      ["b", "web-1", "ci"],
      ["a", "web-1", "docs"],
      ["c", "web-2", "ci"],
    ] as const;
    for (const [name, server, tag] of made) {
      const body = { name, server, tags: [tag], argv: [fixture("say")] };
      assert.equal((await fleet.hub.ask({ path: "/sessions", body })).status, 201);
    }
    await fleet.hub.ask({ method: "PATCH", path: "/servers/web-2", body: { labels: { role: "db" } } });
  });
  after(() => fleet[Symbol.asyncDispose]());

  const list = (query: string) => fleet.hub.ask({ path: `/sessions${query}` });
  const names = async (query: string) => (await list(query)).json.map(named).join(" ");
  const named = ({ server, name }: { server: string; name: string }) => `${server}/${name}`;
  /** Members register in any order. */
  const order = async (...servers: readonly string[]) => {
    const { json } = await fleet.hub.ask({ path: "/servers" });
    const known = json.map(({ hostname }: { hostname: string }) => hostname) as string[];
    return [...servers].sort((one, other) => known.indexOf(one) - known.indexOf(other));
  };
  const all: Record<string, string> = { "hub-1": "hub-1/near", "web-1": "web-1/b web-1/a", "web-2": "web-2/c" };

  it("is of the server that is asked, then by registration, each by creation", async () => {
    const servers = await order("hub-1", "web-1", "web-2");
    assert.equal(await names(""), servers.map((server) => all[server]).join(" "));
  });

  it("is of a server set where one is given, and of nothing where nobody is meant", async () => {
    assert.equal(await names("?on=@role=db"), "web-2/c");
    assert.equal(await names("?on=web-1"), all["web-1"]);
    assert.equal(await names("?on=*,!web-[1-2]"), "hub-1/near");
    assert.equal(await names("?on=%23docs"), all["web-1"]);
    assert.equal(await names("?on=*&tag=docs"), "web-1/a");
    assert.equal(await names("?on=@role=cache"), "");
    const refusals = { "?on=web-9": "server_not_found", "?on=!web-1": "invalid_selector" };
    for (const [query, code] of Object.entries(refusals)) assert.equal((await list(query)).json.error.code, code);
    assert.equal((await list("?on=web-1&server=web-1")).json.error.code, "invalid_request");
    assert.equal((await list("?limit=0")).json.error.code, "invalid_query");
  });

  it("comes in pages that add up to it", async () => {
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await list(`?limit=1${cursor}`);
      seen.push(...page.json.map(named));
      const next = page.headers["fleetty-next-cursor"];
      cursor = next === undefined ? "" : `&cursor=${next}`;
    } while (cursor !== "");
    assert.equal(seen.join(" "), await names(""));
    const inside = await list("?limit=3&envelope=1");
    assert.equal(inside.json.sessions.length, 3);
    assert.equal((await list(`?cursor=${inside.json.next_cursor}`)).json.length, 1);
    assert.equal((await list("?cursor=nonsense")).json.error.code, "invalid_cursor");
  });

  it("is honest about a member that is away, says what was known of it when asked to, and costs the others nothing", async () => {
    await fleet.member("web-1").kill();
    await fleet.becomes("web-1", "unavailable");
    const partial = await list("?tag=ci");
    assert.equal(partial.headers["fleetty-partial"], "web-1");
    assert.equal(partial.json.map(named).join(" "), "hub-1/near web-2/c");
    assert.equal((await list("?on=web-2,hub-1")).headers["fleetty-partial"], undefined);
    const enveloped = await list("?envelope=1&include=unreachable&tag=ci");
    const [own] = enveloped.json.servers;
    assert.deepEqual(own, { hostname: "hub-1", ok: true });
    const away = enveloped.json.servers.find(({ hostname }: { hostname: string }) => hostname === "web-1");
    assert.deepEqual([away.ok, away.error.code], [false, "server_unavailable"]);
    const known = enveloped.json.sessions.filter(({ server }: { server: string }) => server === "web-1");
    assert.deepEqual(known.map(named), ["web-1/b"]);
    assert.deepEqual([known[0].state, typeof known[0].as_of], ["unreachable", "string"]);

    const refused = await list("?server=web-1");
    assert.deepEqual([refused.status, refused.json.error.code], [503, "server_unavailable"]);
    assert.equal(await names("?server=web-1&include=unreachable"), "web-1/b web-1/a");
    assert.equal((await fleet.hub.ask({ path: "/sessions/a" })).json.error.code, "server_unavailable");
    for (const path of ["/sessions/a?include=unreachable", `/sessions/${known[0].id}?include=unreachable`]) {
      const { json } = await fleet.hub.ask({ path });
      assert.deepEqual([json.server, json.state], ["web-1", "unreachable"], path);
    }
    assert.equal((await fleet.hub.ask({ path: "/sessions/near?include=unreachable" })).json.state, "running");
  });
});
