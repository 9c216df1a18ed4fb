// A stream of events on a real socket: one that is not read costs its queue and nobody else, and none outlives its credential.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pino } from "pino";
import { Credential } from "../auth/credential.ts";
import { EVERYTHING } from "../auth/scope.ts";
import type { Caller } from "../calls.ts";
import { EventFeed } from "../events/event-feed.ts";
import { EventLog } from "../events/event-log.ts";
import { SqliteHubStore } from "../store/sqlite-hub-store.ts";
import { ServedEvents } from "./event-stream.ts";

const own = { id: "srv_1", hostname: "hub-1" };
const log = pino({ level: "silent" });
/** What a session's own account of itself comes to, and more. */
const data = JSON.stringify({ text: "x".repeat(2_000) });

describe("a stream of events", () => {
  const folder = mkdtempDisposableSync("/tmp/ft-");
  const socketPath = join(folder.path, "http.sock");
  const store = new SqliteHubStore({ path: join(folder.path, "hub.db") });
  const responses: ServerResponse[] = [];
  let credential: Credential;
  let events: EventLog;
  let feed: EventFeed;
  const server = createServer((_request, response) => {
    responses.push(response);
    const caller = { actor: { principal: "ci" }, credential } as Caller;
    void new ServedEvents({ response, headers: {}, stream: feed.follow({}, caller), credential, log }).serve();
  });

  before(async () => {
    events = await EventLog.open({ store, own, log });
    feed = new EventFeed({ log: events, own, fleet: () => ({ servers: () => [], idOf: (id) => id }) });
    const verbs = new Set(["observe"] as const);
    credential = new Credential({ principal: "ci", kind: "agent", verbs, expiresAtMs: null, scope: EVERYTHING });
    server.listen(socketPath);
    await once(server, "listening");
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await events.close();
    await store.close();
    folder.remove();
  });

  async function add(count: number): Promise<void> {
    const about = { server: "hub-1", server_id: "srv_1", session: null, session_id: null, tags: [] };
    const last = events.last + count;
    events.add(Array.from({ length: count }, () => ({ ...about, type: "server.added", data })));
    await waitFor(() => events.last >= last);
  }

  async function open(): Promise<IncomingMessage> {
    const request = get({ socketPath, path: "/", agent: false });
    const [response] = await once(request, "response");
    response.on("error", () => {});
    return response;
  }

  /** Reads in its own time, and keeps what came. */
  class Reader {
    readonly types: string[] = [];
    gap = "";
    #rest = "";

    constructor(response: IncomingMessage) {
      response.on("data", (piece: Buffer) => this.#take(piece.toString()));
    }

    get added(): number {
      return this.types.filter((type) => type === "server.added").length;
    }

    #take(piece: string): void {
      const lines = (this.#rest + piece).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("event: ")) this.types.push(line.slice("event: ".length));
        if (line.includes('"type":"gap"')) this.gap = line;
      }
    }
  }

  it("that is not read holds a bounded number of events, and is told how many it missed; others miss none", async () => {
    const deaf = await open();
    const [deafResponse] = responses as [ServerResponse];
    const quick = new Reader(await open());
    for (let round = 1; round <= 8; round += 1) {
      await add(500);
      await waitFor(() => quick.added === round * 500);
    }
    assert.deepEqual([...new Set(quick.types)], ["hello", "server.added"]);
    assert.ok(deafResponse.writableLength < 512 * 1024, `${deafResponse.writableLength} bytes wait`);
    const slow = new Reader(deaf);
    await waitFor(() => slow.gap !== "" && slow.types.at(-1) === "server.added");
    const [, dropped] = /"dropped":(\d+),"reason":"slow_reader"/.exec(slow.gap) ?? [];
    const first = slow.types.indexOf("gap") - 1;
    await waitFor(() => slow.added + Number(dropped) === 4_000);
    assert.ok(first > 0 && Number(dropped) > 0, `${first} came, then ${dropped} were dropped`);
    assert.equal(feed.streams, 2);
  });

  it("ends with its credential, read or not", async () => {
    await open();
    const deafResponse = responses.at(-1) as ServerResponse;
    const listening = await open();
    new Reader(listening);
    await add(1_000);
    credential.end();
    await waitFor(() => feed.streams === 0 && listening.closed);
    await waitFor(() => deafResponse.closed);
    const refused = await open();
    new Reader(refused);
    await waitFor(() => refused.closed);
  });
});

/** Resolves when it holds. */
async function waitFor(condition: () => boolean): Promise<void> {
  const untilMs = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error(`waited in vain until ${condition}`);
    await new Promise(setImmediate);
  }
}
