// Holds the methods of the JSON WebSockets to those of the older API and of ours, each with its place in the documents.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { askedOperations } from "@fleetty/protocol/operations";
import { methodForms } from "./method-forms.ts";
import { inputOf, loadMethods } from "./methods.ts";
import { readRequest } from "./request-frame.ts";

/** What a socket does itself. */
const OWN = ["subscribe", "cancel", "unsubscribe_events"];

const ELEMENTS = ["overlay", "panel"].flatMap((one) => [
  ...[`list_${one}s`, `create_${one}`, `get_${one}`, `update_${one}`, `patch_${one}`, `delete_${one}`, `clear_${one}s`],
  ...[`update_${one}_spans`, `${one}_region_write`],
]);

const OF_SESSION = [
  ...["get_screen", "get_scrollback", "send_input", "resize", "await_idle", "await_quiesce", "get_input_mode"],
  ...["capture_input", "release_input", "focus", "unfocus", "get_focus", ...ELEMENTS, "batch_update"],
  ...["get_screen_mode", "enter_alt_screen", "exit_alt_screen", "keys", "paste", "secret", "signal", "lease"],
  ...["release_lease", "get_output", "explain", "wait", "run"],
];

const OF_FLEET = [
  ...["create_session", "list_sessions", "kill_session", "detach_session", "rename_session", "update_tags"],
  ...["set_server_mode", "subscribe_events", "await_idle_any", "wait_fleet", "list_servers"],
];

describe("the methods of JSON WebSockets", () => {
  it("are those of a session and those of the fleet, each of one row", async () => {
    const methods = await loadMethods();
    const named = (isOfSession: boolean) =>
      [...methods].filter(([, method]) => method.isOfSession === isOfSession).map(([name]) => name);
    assert.deepEqual(named(true).sort(), OF_SESSION.toSorted());
    assert.deepEqual(named(false).sort(), OF_FLEET.toSorted());
    const names = Object.values(askedOperations).flatMap((row) => ("socket" in row ? [...(row.socket ?? [])] : []));
    assert.equal(new Set(names).size, names.length);
    for (const name of Object.keys(methodForms)) assert.ok(methods.has(name), name);
  });

  it("have their place in the documents", () => {
    const [, chapter = ""] = readFileSync("docs/protocol.md", "utf8").split("### JSON WebSockets");
    for (const name of [...OF_SESSION, ...OF_FLEET, ...OWN]) assert.ok(chapter.includes(`\`${name}\``), name);
  });

  it("are asked of the session beside their params, whatever those name", async () => {
    const methods = await loadMethods();
    const input = (name: string, params: object, at: { session: string; server?: string } | null) => {
      const method = methods.get(name);
      assert.ok(method);
      return inputOf(method, readRequest({ method: name, params, server: "web-1" }), at);
    };
    const at = { session: "build", server: "web-1" };
    assert.deepEqual(input("get_screen", { session: "other", server: "web-2", format: null }, at), at);
    assert.throws(() => input("keys", { keys: ["a"], session: "other" }, at), { code: "invalid_request" });
    assert.throws(() => input("keys", { keys: ["a"], if_epoc: 1 }, at), { code: "invalid_request" });
    assert.deepEqual(input("batch_update", { id: "e", type: "panel", spans: [] }, at), {
      ...{ ...at, id: "e", element: "panel", spans: [] },
    });
    assert.deepEqual(input("kill_session", { name: "build" }, null), at);
    assert.deepEqual(input("rename_session", { name: "build", new_name: "b" }, null), { ...at, name: "b" });
    assert.deepEqual(input("update_tags", { session: "build", add: ["x"], remove: null }, null), {
      ...{ ...at, add_tags: ["x"] },
    });
    assert.throws(() => input("kill_session", {}, null), { code: "invalid_request" });
  });
});
