// That the hosts of sessions know of who watches without a stream: one for all of them, again after a lost link, and none when
// the last has gone.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { ChannelEvents } from "@fleetty/protocol/link";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { Presences } from "./presence.ts";

it("a session that some watch has one stream, which is opened again when it was lost and closed when the last has gone", async () => {
  const opened: ChannelEvents[] = [];
  let closed = 0;
  const stream: WorkerPort["stream"] = async (request, events) => {
    assert.deepEqual(request, { session: "ses_1", from: "now", pace: false, quiet: true });
    opened.push(events);
    return {
      offset: 0,
      rows: 24,
      cols: 80,
      credit: () => assert.fail("it is never taken from"),
      close: () => closed++,
    };
  };
  const presences = new Presences();
  const port = { stream } as unknown as WorkerPort;
  const [first, second] = [presences.enter("ses_1", port), presences.enter("ses_1", port)];
  assert.equal(opened.length, 1);
  await Promise.resolve();
  opened[0]?.closed("link lost");
  await waitUntil("it is opened again", () => opened.length === 2);
  first();
  first();
  await Promise.resolve();
  assert.equal(closed, 1);
  second();
  await waitUntil("the last has gone", () => closed === 2);
  presences.enter("ses_1", port)();
  assert.equal(opened.length, 3);
  await waitUntil("who left at once has gone too", () => closed === 3);
});
