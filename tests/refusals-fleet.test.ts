// Every refusal that a row of the table declares and that the other servers of a fleet provoke: row by row, through a real hub
// whose members are there, cordoned, frozen and gone.
import { after, before, describe, it } from "node:test";
import { asking, withQuery } from "./harness/asking.ts";
import { assertEach, elsewhere, plainly } from "./harness/declared.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import type { Ask, Where } from "./harness/http.ts";

let fleet: TestFleet;
let where: Where;

before(async () => {
  fleet = await startFleet({ members: ["web-1", "web-2", "gone"] });
  where = { socketPath: fleet.hub.socketPath };
  for (const server of ["web-1", "web-2"]) {
    await fleet.hub.ask({ path: "/sessions", body: { name: "twice", argv: ["/bin/cat"], server } });
  }
  await fleet.hub.ask({ method: "PATCH", path: "/servers/web-2", body: { cordoned: true } });
  await fleet.member("gone").kill();
  await fleet.becomes("gone", "unavailable");
});
after(() => fleet[Symbol.asyncDispose]());

const creating = (body: object): Ask => ({ path: "/sessions", body });
const adding = (body: object): Ask => ({ path: "/servers", body });
const changing = (ref: string, body: object): Ask => ({ method: "PATCH", path: `/servers/${ref}`, body });

describe("a session", () => {
  it("that two members have, and this server has not", async () => {
    await assertEach("session_ambiguous", where, plainly("session_ambiguous", "twice"));
  });
});

describe("a member", () => {
  it("that is away", async () => {
    const cells = plainly("server_unavailable", "twice", (asked) => withQuery(asked, "server=gone"));
    const capabilities = { path: "/servers/gone/capabilities" };
    await assertEach("server_unavailable", where, { ...cells, "servers.capabilities": capabilities });
  });

  it("that does not answer in time", async () => {
    const member = fleet.member("web-2");
    member.freeze();
    try {
      await assertEach("server_timeout", where, {
        ...elsewhere("server_timeout", {
          in: "tests/refusals-hosts.test.ts",
          because: "the same wait, for a nearer end",
        }),
        "server.info": withQuery(asking["server.info"](""), "server=web-2"),
        "server.persist_get": withQuery(asking["server.persist_get"](""), "server=web-2"),
        "server.persist": withQuery(asking["server.persist"](""), "server=web-2"),
        "servers.capabilities": { path: "/servers/web-2/capabilities" },
        "sessions.list": withQuery(asking["sessions.list"](""), "server=web-2"),
        "secrets.set": withQuery(asking["secrets.set"](""), "server=web-2"),
        "secrets.list": withQuery(asking["secrets.list"](""), "server=web-2"),
        "secrets.remove": withQuery(asking["secrets.remove"](""), "server=web-2"),
      });
    } finally {
      member.thaw();
    }
  });

  it("that takes no new sessions, by name and by set", async () => {
    await assertEach("server_cordoned", where, { "sessions.create": creating({ server: "web-2" }) });
    await assertEach("no_eligible_server", where, { "sessions.create": creating({ on: "web-2 gone" }) });
  });
});

describe("a server set", () => {
  it("that cannot be read", async () => {
    await assertEach("invalid_selector", where, {
      "servers.resolve": { path: "/servers/resolve", body: { on: "web-[1" } },
      "sessions.list": { path: "/sessions?on=web-[1" },
      "sessions.idle_any": { path: "/idle?timeout_ms=0&on=web-[1" },
      "fleet.wait": { path: "/wait", body: { select: { on: "web-[1" } } },
      "sessions.create": creating({ on: "web-[2-1]" }),
      "tokens.create": { path: "/tokens", body: { name: "ci", verbs: ["observe"], on: "H-A" } },
      "events.stream": withQuery(asking["events.stream"](""), "on=web-[1"),
    });
  });

  it("that means nobody", async () => {
    await assertEach("no_servers", where, { "sessions.create": creating({ on: "@role=nobody" }) });
  });
});

describe("a registration", () => {
  it("of what is registered", async () => {
    const { address } = await fleet.server("web-1");
    await assertEach("server_already_registered", where, { "servers.add": adding({ address: `${address}/` }) });
  });

  it("under a name that another has", async () => {
    await assertEach("server_name_conflict", where, {
      "servers.add": adding({ address: "http://127.0.0.1:1", name: "Web-1" }),
      "servers.update": changing("web-2", { name: "hub-1" }),
      "servers.join_code": { path: "/servers/join-codes", body: { name: "WEB-1" } },
      "server.reload": { in: "packages/hub/src/fleet/dial-rules.test.ts", because: "a file has to say so" },
    });
  });
});

describe("a reading of the configuration", () => {
  it("that is not there", async () => {
    await assertEach("no_config", where, { "server.reload": asking["server.reload"]("") });
  });
});
