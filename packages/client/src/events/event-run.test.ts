// A client that follows events: over as many connections as that takes, each beginning after the last event that came.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
import { type StreamedAnswer, type StreamedRequest, type Transport, TransportFailure } from "../transport.ts";
import { EventRun } from "./event-run.ts";

const sse = (cursor: string, type = "server.added") =>
  `id: ${cursor}\nevent: ${type}\ndata: ${JSON.stringify({ cursor, type, at: "", server: "h", data: {} })}\n\n`;

type Connection = () => Promise<StreamedAnswer>;

/** What each connection in turn brings; after the last there is nobody. */
function over(...connections: readonly Connection[]) {
  const asked: string[] = [];
  const abort = new AbortController();
  let count = 0;
  const transport = {
    address: "here",
    stream: async ({ path, headers }: StreamedRequest) => {
      assert.equal(headers["accept"], "text/event-stream");
      asked.push(path);
      const connection = connections[count++];
      if (!connection) throw new TransportFailure("unreachable", false);
      return connection();
    },
  } as unknown as Transport;
  const input = { types: ["server."], cursor: "ev_0" };
  const options = { input, signal: abort.signal, transport: async () => transport, check: async () => {} };
  return { asked, abort, events: new EventRun(options).events() };
}

function answers(status: number, ...pieces: readonly string[]): Connection {
  return async () => ({ status, headers: {}, body: bytesOf(pieces) });
}

/** The last piece may be cut off. */
async function* bytesOf(pieces: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of pieces) {
    if (piece === "cut") throw new Error("ECONNRESET");
    yield new TextEncoder().encode(piece);
  }
}

async function cursorsOf(events: AsyncGenerator<FleetEvent>, count: number): Promise<readonly string[]> {
  const cursors: string[] = [];
  while (cursors.length < count) cursors.push((await events.next()).value?.cursor);
  return cursors;
}

const refusal = (code: string) => JSON.stringify({ error: { code, message: "no" } });

describe("a client that follows events", () => {
  it("goes on after the last event that came, however a connection ended, and is told no hello", async () => {
    const { asked, events } = over(
      answers(200, sse("ev_1", "hello"), sse("ev_2") + sse("ev_3").slice(0, 20), "cut"),
      answers(503, refusal("not_ready")),
      answers(200, sse("ev_2", "hello"), sse("ev_3"), ": still here\nid: ev_9\n\n"),
      async () => {
        throw new TransportFailure("unreachable", false);
      },
      answers(200, sse("ev_10")),
    );
    assert.deepEqual(await cursorsOf(events, 3), ["ev_2", "ev_3", "ev_10"]);
    assert.deepEqual(
      asked.map((path) => new URL(path, "http://h").searchParams.get("cursor")),
      ["ev_0", "ev_2", "ev_2", "ev_9", "ev_9"],
    );
    assert.ok(asked.every((path) => path.includes("types=server.")));
    await events.return();
  });

  it("is refused by what no other attempt would mend, also after it has worked", async () => {
    await assert.rejects(over(answers(403, refusal("forbidden"))).events.next(), { code: "forbidden" });
    await assert.rejects(over(answers(429, refusal("rate_limited"))).events.next(), { code: "rate_limited" });
    await assert.rejects(over().events.next(), { code: "server_unavailable" });
    const { events } = over(answers(200, sse("ev_1")), answers(403, refusal("auth_invalid")));
    assert.deepEqual(await cursorsOf(events, 1), ["ev_1"]);
    await assert.rejects(events.next(), { code: "auth_invalid" });
  });

  it("ends as cancelled when its owner has had enough, also between two connections", async () => {
    const { events, abort } = over(answers(200, sse("ev_1")));
    assert.deepEqual(await cursorsOf(events, 1), ["ev_1"]);
    const next = events.next();
    setImmediate(() => abort.abort());
    await assert.rejects(next, (error) => error instanceof FleettyError && error.code === "cancelled");
  });
});
