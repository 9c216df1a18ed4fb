// The events of a record by position: each once, in order, and what has gone is counted.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EVENTS_MAX, EventLog } from "./event-log.ts";

function logOf(count: number, position = 0): EventLog<number> {
  const log = new EventLog<number>(position);
  for (let number = 1; number <= count; number += 1) log.add(position + number);
  return log;
}

describe("an event log", () => {
  it("tells what came after a position, as often as it is asked, and nothing of one that never was", () => {
    const log = logOf(3);
    assert.deepEqual(log.after(0), { events: [1, 2, 3], dropped: 0 });
    assert.deepEqual(log.after(2), { events: [3], dropped: 0 });
    assert.deepEqual(log.after(3), { events: [], dropped: 0 });
    assert.equal(log.after(4), null);
  });

  it("keeps the newest, and counts what a slow reader has missed", () => {
    for (const count of [EVENTS_MAX, EVENTS_MAX + 1, 2 * EVENTS_MAX, 5 * EVENTS_MAX + 7]) {
      const log = logOf(count);
      const told = log.after(1);
      assert.equal(told?.events.at(-1), count);
      assert.equal((told?.events.length ?? 0) + (told?.dropped ?? 0), count - 1);
      assert.ok((told?.events.length ?? 0) <= EVENTS_MAX);
    }
  });

  it("goes on from a position of an earlier process, whose events it does not have", () => {
    const log = logOf(2, 40);
    assert.deepEqual(log.after(40), { events: [41, 42], dropped: 0 });
    assert.deepEqual(log.after(38), { events: [41, 42], dropped: 2 });
    assert.equal(log.last, 42);
  });
});
