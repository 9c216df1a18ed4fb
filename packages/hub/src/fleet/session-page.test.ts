// Pages of the list of all sessions: they add up to the list, whatever comes and goes between two of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { type PagedServer, pageOf } from "./session-page.ts";

const fleet = ["srv_z", "srv_b", "srv_c"];

function server(id: string, ...ids: string[]): PagedServer {
  const sessions = ids.map(
    (text) => ({ id: text, name: text, created_at: text.slice(0, 2) }) as unknown as SessionInfo,
  );
  return { id, sessions };
}

const ids = (sessions: readonly SessionInfo[]) => sessions.map(({ id }) => id).join(" ");

describe("a page of sessions", () => {
  it("is all of them without a limit, and has no next", () => {
    const { sessions, nextCursor } = pageOf([server("srv_z", "01a"), server("srv_b", "01b")], fleet, {});
    assert.deepEqual([ids(sessions), nextCursor], ["01a 01b", null]);
  });

  it("goes on behind the last session of the page before, by server and creation", () => {
    const servers = [server("srv_z", "01a", "02a"), server("srv_b", "01b", "01c", "03b"), server("srv_c", "00c")];
    const pages: string[] = [];
    for (let cursor: string | undefined; pages.length < 9; ) {
      const page = pageOf(servers, fleet, { limit: 2, ...(cursor !== undefined && { cursor }) });
      pages.push(ids(page.sessions));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    assert.deepEqual(pages, ["01a 02a", "01b 01c", "03b 00c"]);
  });

  it("repeats nothing and hides nothing when its place, or the whole server of that place, has gone", () => {
    const first = pageOf([server("srv_z", "01a"), server("srv_b", "01b", "02b")], fleet, { limit: 2 });
    const cursor = first.nextCursor as string;
    const without = pageOf([server("srv_z", "00z", "01a"), server("srv_b", "02b", "03b")], fleet, { cursor });
    assert.equal(ids(without.sessions), "02b 03b");
    const removed = pageOf([server("srv_z", "01a"), server("srv_c", "00c")], ["srv_z", "srv_c"], { cursor });
    assert.equal(ids(removed.sessions), "00c");
  });

  it("is refused for a cursor that is none of this list", () => {
    for (const cursor of ["", "x", "bm9uZQ", Buffer.from('["a",1,"b"]').toString("base64url"), "idl_1.1"]) {
      assert.throws(() => pageOf([], fleet, { cursor }), { code: "invalid_cursor" }, cursor);
    }
  });
});
