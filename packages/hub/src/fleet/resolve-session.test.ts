// Holds session references to the server that they mean: for every place of a live session with every place of an ended
// one of the same name, and for servers that are named, unknown, away or at odds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import {
  type FindSession,
  resolveSession,
  type SessionMatch,
  type SessionMember,
  type SessionsView,
} from "./resolve-session.ts";

const SINCE = "2026-03-02T09:00:00.000Z";

/** Who has a session: the answering server, two members, and one that cannot be reached. */
type Where = "hub" | "one" | "two" | "away";

/** Ids in the form of sessions', told apart by their ends. */
const idAt = (where: Where, end: "live" | "ended") =>
  `ses_${`${where}${end}`
    .toUpperCase()
    .replaceAll(/[ILOU]/g, "0")
    .padStart(26, "0")}`;

/** As a server finds what it has: by id, else live by name, else ended by name. */
const finder =
  (has: readonly SessionMatch[]): FindSession =>
  (reference) =>
    has.find(({ id }) => id === reference) ??
    has.find(({ name, state }) => name === reference && state !== "exited") ??
    has.find(({ name }) => name === reference);

function viewOf({ live = [], ended = [] }: { live?: readonly Where[]; ended?: readonly Where[] }): SessionsView {
  const find = (where: Where) => {
    const alive: SessionMatch = { id: idAt(where, "live"), name: "build", state: "running" };
    const over: SessionMatch = { id: idAt(where, "ended"), name: "build", state: "exited" };
    return finder([...(ended.includes(where) ? [over] : []), ...(live.includes(where) ? [alive] : [])]);
  };
  const member = (where: Exclude<Where, "hub">, more: Partial<SessionMember> = {}): SessionMember => {
    return {
      hostname: where,
      id: `srv_${where}`,
      health: "healthy",
      reason: null,
      since: SINCE,
      find: find(where),
      ...more,
    };
  };
  const away = member("away", { hostname: null, health: "unavailable", reason: "silent" });
  return {
    local: { hostname: "hub", id: "srv_hub", find: find("hub") },
    members: [member("one"), member("two"), away],
  };
}

/** Where a reference leads to, in a word or two. */
function outcome(resolve: () => ReturnType<typeof resolveSession>): string {
  try {
    const place = resolve();
    assert.equal(place.session, "build");
    return place.at === "local" ? "hub" : place.id.replace("srv_", "");
  } catch (thrown) {
    assert.ok(thrown instanceof FleettyError, String(thrown));
    if (thrown.code !== "session_ambiguous") return thrown.code;
    const candidates = thrown.details?.["candidates"] as { server: string }[];
    return `several: ${candidates.map(({ server }) => server.replace("srv_", "")).join(" ")}`;
  }
}

const places = {
  here: ["hub"],
  "here and there": ["hub", "one"],
  "on one": ["one"],
  "on two": ["one", "two"],
  away: ["away"],
  "on one and away": ["one", "away"],
  nowhere: [],
} as const satisfies Record<string, readonly Where[]>;
type Place = keyof typeof places;

const always = (found: string): Record<Place, string> => ({
  here: found,
  "here and there": found,
  "on one": found,
  "on two": found,
  away: found,
  "on one and away": found,
  nowhere: found,
});

const unavailable = "server_unavailable";

/** By where a live session of the name is, and where an ended one. */
const expected: Record<Place, Record<Place, string>> = {
  here: always("hub"),
  "here and there": always("hub"),
  "on one": always("one"),
  "on two": always("several: one two"),
  away: always(unavailable),
  "on one and away": always("several: one away"),
  nowhere: {
    here: "hub",
    "here and there": "hub",
    "on one": "one",
    "on two": "several: one two",
    away: unavailable,
    "on one and away": "several: one away",
    nowhere: "session_not_found",
  },
};

/** The same where a name without a server is looked for here alone. */
const isHere: Record<Place, boolean> = {
  ...{ here: true, "here and there": true, "on one": false, "on two": false },
  ...{ away: false, "on one and away": false, nowhere: false },
};

describe("a session's name", () => {
  for (const live of Object.keys(places) as Place[]) {
    it(`is found with a live session ${live}, wherever an ended one is`, () => {
      for (const ended of Object.keys(places) as Place[]) {
        const view = viewOf({ live: places[live], ended: places[ended] });
        const seen = `live ${live}, ended ${ended}`;
        assert.equal(
          outcome(() => resolveSession({ session: "build" }, view)),
          expected[live][ended],
          seen,
        );
        const alone = outcome(() => resolveSession({ session: "build", routeOmitted: "local" }, view));
        assert.equal(alone, isHere[live] || isHere[ended] ? "hub" : "session_not_found", `${seen}, here alone`);
      }
    });
  }

  it("that is ambiguous is told with every candidate, and the state that is known of it", () => {
    const candidate = (server: string, id: string, state: string) => ({ server, session: "build", id, state });
    const live = viewOf({ live: ["two", "away"], ended: ["one"] });
    assert.throws(() => resolveSession({ session: "build" }, live), {
      code: "session_ambiguous",
      message: /2 servers.*"build" \(two, srv_away\); name the server/,
      details: {
        candidates: [
          candidate("two", idAt("two", "live"), "running"),
          candidate("srv_away", idAt("away", "live"), "unreachable"),
        ],
      },
    });
    const ended = viewOf({ ended: ["one", "away"] });
    assert.throws(() => resolveSession({ session: "build" }, ended), {
      details: {
        candidates: [
          candidate("one", idAt("one", "ended"), "exited"),
          candidate("srv_away", idAt("away", "ended"), "exited"),
        ],
      },
    });
  });

  it("that is nobody's is told with the server where alone it was looked for", () => {
    const view = viewOf({});
    const missed = (routeOmitted: "fleet" | "local") => () => resolveSession({ session: "build", routeOmitted }, view);
    assert.throws(missed("fleet"), { code: "session_not_found", details: undefined });
    assert.throws(missed("local"), { code: "session_not_found", details: { server: "hub" }, message: /on hub/ });
  });

  it("that a starting session has is a live one's", () => {
    const view = viewOf({ ended: ["one"] });
    const starting = finder([{ id: "ses_x", name: "build", state: "starting" }]);
    const members = view.members.map((member) => (member.id === "srv_two" ? { ...member, find: starting } : member));
    assert.equal(
      outcome(() => resolveSession({ session: "build" }, { ...view, members })),
      "two",
    );
  });
});

describe("a session's id", () => {
  it("leads to the server that has it, live or ended, also where names are looked for here alone", () => {
    const all: Where[] = ["hub", "one", "two"];
    const view = viewOf({ live: all, ended: all });
    for (const where of all) {
      for (const end of ["live", "ended"] as const) {
        const session = idAt(where, end);
        const place = where === "hub" ? { at: "local", session } : { at: "member", id: `srv_${where}`, session };
        assert.deepEqual(resolveSession({ session }, view), place);
        assert.deepEqual(resolveSession({ session, routeOmitted: "local" }, view), place);
      }
    }
  });

  it("on a server that is away is refused as such, and one that is nobody's as not found", () => {
    const view = viewOf({ live: ["away"] });
    assert.throws(() => resolveSession({ session: idAt("away", "live") }, view), { code: unavailable });
    assert.throws(() => resolveSession({ session: idAt("one", "live") }, view), { code: "session_not_found" });
  });
});

describe("a session on a server that is named", () => {
  /** Nothing is known of any session: the owner is to say. */
  const view = viewOf({});
  const found = (session: string, server?: string) => outcome(() => resolveSession({ session, server }, view));

  it("is there, in whichever way the server is named", () => {
    const named = {
      hub: "hub",
      srv_hub: "hub",
      local: "hub",
      one: "one",
      srv_one: "one",
      two: "two",
      away: "server_not_found",
    };
    for (const [server, where] of Object.entries({ ...named, srv_away: unavailable, One: "server_not_found" })) {
      assert.equal(found("build", server), where, server);
      for (const slash of ["/", "%2F", "%2f"]) assert.equal(found(`${server}${slash}build`), where, server + slash);
      assert.equal(found(`${server}/build`, server), where, `${server} twice`);
    }
  });

  it("is there by its id too, which the index need not know", () => {
    const session = idAt("two", "live");
    assert.deepEqual(resolveSession({ session, server: "one" }, view), { at: "member", id: "srv_one", session });
    assert.deepEqual(resolveSession({ session: `one/${session}` }, view), { at: "member", id: "srv_one", session });
  });

  it("is refused when two are named that are not the same", () => {
    assert.equal(found("one/build", "srv_one"), "one");
    assert.equal(found("local/build", "hub"), "hub");
    const refused = { code: "invalid_request", details: { field: "server" }, message: /"two" and on "one"/ };
    assert.throws(() => resolveSession({ session: "one/build", server: "two" }, view), refused);
    assert.equal(found("one/build", "local"), "invalid_request");
    assert.equal(found("srv_away/build", "one"), "invalid_request");
  });

  it("is refused with every server that is unknown", () => {
    const refused = (unknown: string[]) => ({ code: "server_not_found", details: { unknown } });
    assert.throws(() => resolveSession({ session: "x/build", server: "y" }, view), refused(["y", "x"]));
    assert.throws(() => resolveSession({ session: "x/build", server: "x" }, view), refused(["x"]));
    assert.throws(() => resolveSession({ session: "x/build", server: "one" }, view), refused(["x"]));
  });

  it("is refused while that server is not healthy, with all that is known of it", () => {
    const away = { server: "srv_away", health: "unavailable", reason: "silent", since: SINCE, may_have_run: false };
    const message = `server srv_away is unavailable (silent) since ${SINCE}; try again, or look at that server`;
    const unreachable = { code: unavailable, message, details: away };
    assert.throws(() => resolveSession({ session: "build", server: "srv_away" }, view), unreachable);
    for (const health of ["connecting", "unavailable", "rejected"] as const) {
      const members = view.members.map((member) => ({ ...member, health, reason: null }));
      const details = { server: "one", health, reason: null, since: SINCE, may_have_run: false };
      assert.throws(() => resolveSession({ session: "one/build" }, { ...view, members }), {
        code: unavailable,
        details,
      });
    }
  });

  it("is refused when it is not written as one", () => {
    for (const session of ["/build", "one/", "/", "one/two/build", "one%2Ftwo/build", "one/two%2fbuild"]) {
      const refused = { code: "invalid_request", details: { field: "session" } };
      assert.throws(() => resolveSession({ session }, view), refused, session);
    }
  });
});
