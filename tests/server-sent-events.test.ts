// What the server writes as server-sent events, the client reads as the same events, in whatever pieces it arrives.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FleetEvent } from "@fleetty/client";
import fc from "fast-check";
import { SseParser } from "../packages/client/src/events/sse-parser.ts";
import { sseEvent, sseHeartbeat, sseHello } from "../packages/hub/src/faces/sse-text.ts";

const members = {
  cursor: fc.stringMatching(/^ev_[0-9a-z_]{1,20}$/),
  at: fc.constant("2026-03-02T09:00:00.000Z"),
  type: fc.constantFrom("session.created", "gap"),
  server: fc.string({ unit: "grapheme" }),
  data: fc.dictionary(fc.string(), fc.string({ unit: "grapheme" }), { noNullPrototype: true }),
};
const event = fc.record(members, { noNullPrototype: true }) as fc.Arbitrary<FleetEvent>;

/** The same text in pieces that end anywhere. */
function pieces(text: string, cuts: readonly number[]): readonly string[] {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

describe("server-sent events", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(fc.array(event), fc.array(fc.nat(), { maxLength: 20 }), (events, cuts) => {
        const parser = new SseParser();
        const blocks = pieces(events.map(sseEvent).join(""), cuts).flatMap((piece) => parser.push(piece));
        assert.deepEqual(
          blocks.map(({ data = "" }) => JSON.parse(data)),
          events,
        );
        assert.deepEqual(
          blocks.map((block) => [block.id, block.event]),
          events.map(({ cursor, type }) => [cursor, type]),
        );
      }),
    );
  });

  it("are read as the standard says, whatever the line ends", () => {
    const lines = ["\uFEFF: a comment", "id: 1", "data", "data:  two", "event:x", "", "id: 2", "", "data: half"];
    for (const end of ["\n", "\r\n", "\r"]) {
      const parser = new SseParser();
      const blocks = [...lines.join(end), end].flatMap((character) => parser.push(character));
      const [first, second] = blocks;
      assert.deepEqual(
        [first, second],
        [
          { id: "1", event: "x", data: "\n two" },
          { id: "2", event: "message", data: undefined },
        ],
        JSON.stringify(end),
      );
      assert.equal(blocks.length, 2);
    }
  });

  it("begin with how soon to come back, and move a cursor on without an event", () => {
    const hello = { cursor: "ev_1", at: "", type: "hello", server: "h", data: {} };
    assert.deepEqual(new SseParser().push(sseHello(hello)), [
      { id: "ev_1", event: "hello", data: JSON.stringify(hello) },
    ]);
    assert.match(sseHello(hello), /^retry: 1000\n/);
    assert.deepEqual(new SseParser().push(sseHeartbeat("ev_2")), [{ id: "ev_2", event: "message", data: undefined }]);
  });
});
