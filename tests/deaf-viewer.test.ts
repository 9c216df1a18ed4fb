// A viewer that types and never reads: it costs the server a bounded amount, is closed with 1013, and disturbs nobody.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { it } from "node:test";
import { startServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Far more acknowledgements than the buffers of both kernels hold. */
const INPUTS = 150_000;

it("a viewer that types and does not read is read no further, then closed, and others are served meanwhile", async () => {
  await using server = await startServer();
  const sink = "stty raw -echo; printf ready; exec cat > /dev/null";
  await server.ask({ path: "/sessions", body: { name: "live", argv: ["/bin/sh", "-c", sink] } });
  await server.ask({ path: "/sessions/live/wait", body: { until: { pattern: { regex: "ready", on: "screen" } } } });
  const deaf = await RawViewer.open(server.socketPath, "live", { client: "deaf" });
  const { _socket: transport } = deaf.socket as unknown as { _socket: Socket };
  transport.pause();
  for (let number = 1; number <= INPUTS; number += 1) deaf.type(number, "x");

  const other = await RawViewer.open(server.socketPath, "live", { client: "other" });
  await waitUntil(
    "the server gives the deaf viewer up",
    async () => (await server.ask({ path: "/sessions/live" })).json.clients === 1,
  );
  other.type(1, "y");
  await other.until("the other viewer's input is written", (viewer) => viewer.written() === 1);
  assert.ok(transport.isPaused());
  transport.resume();
  await deaf.until("the deaf viewer learns why", (viewer) => viewer.closed !== null);
  assert.deepEqual(deaf.closed, { code: 1013, reason: "answers were not read" });
  assert.ok(deaf.written() < INPUTS, "every input was taken");
  other.close();
});
