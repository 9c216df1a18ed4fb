// Who has a place among the clients of MCP, whose it is, and who gives way when there is none left.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { localCredential } from "../auth/credential.ts";
import type { HubCalls } from "../calls.ts";
import { contextOf } from "./context-harness.ts";
import { McpSessions } from "./mcp-sessions.ts";

const MAX = 256;
const HOUR_MS = 3_600_000;

describe("MCP sessions", () => {
  let sessions: McpSessions;
  let nowMs = 0;

  beforeEach(() => {
    nowMs = 0;
    mock.method(performance, "now", () => nowMs);
    mock.timers.enable({ apis: ["setInterval"] });
    sessions = new McpSessions({ calls: {} as HubCalls, version: "0" });
  });

  afterEach(async () => {
    await sessions.close();
    mock.timers.reset();
    mock.restoreAll();
  });

  it("are found by their owner alone, and not after their end", async () => {
    const session = await sessions.open("", contextOf("ci"));
    assert.equal(sessions.find(session.id, contextOf("ci")), session);
    assert.throws(() => sessions.find(session.id, contextOf("cd")), { code: "not_found" });
    await session.close();
    assert.throws(() => sessions.find(session.id, contextOf("ci")), { code: "not_found" });
  });

  it("end with the credential that they were begun with", async () => {
    const credential = localCredential();
    await sessions.open("", contextOf("ci", credential));
    credential.end();
    assert.equal(sessions.count, 0);
  });

  it("are not begun with a credential that is over by then", async () => {
    const credential = localCredential();
    credential.end();
    await assert.rejects(sessions.open("", contextOf("ci", credential)), { code: "auth_invalid" });
    assert.equal(sessions.count, 0);
  });

  it("keep their bound when many begin at once", async () => {
    const begun = await Promise.allSettled(Array.from({ length: MAX + 20 }, () => sessions.open("", contextOf("ci"))));
    assert.equal(begun.filter(({ status }) => status === "fulfilled").length, MAX);
    assert.equal(sessions.count, MAX);
  });

  it("of one caller keep nobody else out: whoever has most gives way to who has fewer", async () => {
    const [first, second] = await Promise.all(Array.from({ length: MAX }, () => sessions.open("", contextOf("ci"))));
    nowMs = 1;
    sessions.find(first?.id ?? "", contextOf("ci")).heardAtMs = nowMs;
    const other = await sessions.open("", contextOf("cd"));
    assert.equal(sessions.count, MAX);
    assert.equal(sessions.find(other.id, contextOf("cd")), other);
    assert.throws(() => sessions.find(second?.id ?? "", contextOf("ci")), { code: "not_found" });
    await assert.rejects(sessions.open("", contextOf("ci")), { code: "resource_limit_reached" });
  });

  it("end after an hour without a word", async () => {
    await sessions.open("", contextOf("ci"));
    nowMs = HOUR_MS - 1;
    mock.timers.tick(60_000);
    assert.equal(sessions.count, 1);
    nowMs = HOUR_MS;
    mock.timers.tick(60_000);
    assert.equal(sessions.count, 0);
  });

  it("are bounded: the one that was silent longest makes room, and nobody who was heard a moment ago", async () => {
    const [first] = await Promise.all(Array.from({ length: MAX }, () => sessions.open("", contextOf("ci"))));
    await assert.rejects(sessions.open("", contextOf("ci")), { code: "resource_limit_reached" });
    nowMs = 60_000;
    await sessions.open("", contextOf("ci"));
    assert.equal(sessions.count, MAX);
    assert.throws(() => sessions.find(first?.id ?? "", contextOf("ci")), { code: "not_found" });
  });
});
