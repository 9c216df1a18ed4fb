// Holds the journal to telling each number once, over restarts and full disks, and to saying when something is missing.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { pino } from "pino";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { SqliteStore } from "../store/sqlite-store.ts";
import { EventJournal } from "./event-journal.ts";

/** Numbers of a run begin after this. */
const RUN = 1_000_000_000;

/** A journal over a real file, which is opened and closed as the worker's runs begin and end. */
class Place implements AsyncDisposable {
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  #store: SqliteStore | null = null;
  isFull = false;
  /** Writes that found it full. */
  refusals = 0;

  async run(): Promise<EventJournal> {
    await this.end();
    const store = new SqliteStore(join(this.#folder.path, "worker.db"));
    this.#store = store;
    const { incarnation } = await store.begin();
    return new EventJournal({
      incarnation,
      store: {
        keepEvents: async (rows, lost) => {
          if (this.isFull) this.refusals += 1;
          if (this.isFull) throw new Error("no space");
          return store.keepEvents(rows, lost);
        },
        eventsAfter: (seq, max) => store.eventsAfter(seq, max),
        expireEvents: (before, kept) => store.expireEvents(before, kept),
        endJournal: (ended) => store.endJournal(ended),
      },
      log: pino({ enabled: false }),
    });
  }

  /** Lets go of all but the newest, as age does. */
  async keepOnly(kept: number): Promise<void> {
    await this.#store?.expireEvents("0000", kept);
  }

  /** Events on the disk. */
  async kept(): Promise<number | undefined> {
    return (await this.#store?.eventsAfter(0, 100))?.rows.length;
  }

  async end(): Promise<void> {
    await this.#store?.close();
    this.#store = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    this.#folder.remove();
  }
}

function happens(journal: EventJournal, ...names: string[]): void {
  for (const name of names)
    journal.tell({ type: "session.created", session: { id: `ses_${name}`, tail: "last words" } as SessionInfo });
}

async function read(journal: EventJournal, after: number, limit = 100) {
  const { events, ...rest } = await journal.after({ after, limit });
  return { ...rest, ids: events.map(({ seq, p }) => `${seq} ${(p as { session: SessionInfo }).session.id}`) };
}

describe("the journal", () => {
  it("numbers what happens, tells it at once, and gives it again to whoever asks, in parts", async () => {
    await using place = new Place();
    const journal = await place.run();
    const heard: [string, number][] = [];
    const stop = journal.listen(({ session }, seq) => heard.push([session.id, seq]));
    happens(journal, "a", "b");
    stop();
    happens(journal, "c");
    assert.deepEqual(heard, [
      ["ses_a", RUN + 1],
      ["ses_b", RUN + 2],
    ]);
    const last = RUN + 3;
    const first = await read(journal, RUN, 2);
    assert.deepEqual(first, { upto: RUN + 2, last, whole: true, ids: [`${RUN + 1} ses_a`, `${RUN + 2} ses_b`] });
    assert.deepEqual(await read(journal, first.upto, 2), { upto: last, last, whole: true, ids: [`${last} ses_c`] });
    assert.deepEqual(await journal.after({ limit: 1 }), { events: [], upto: last, last, whole: false });
    const [event] = (await journal.after({ after: RUN, limit: 1 })).events;
    assert.deepEqual([event?.event, event?.p], ["session.created", { session: { id: "ses_a" } }]);
  });

  it("tells what is only passing under no number, and keeps nothing of it", async () => {
    await using place = new Place();
    const journal = await place.run();
    const heard: [string, number][] = [];
    using _ = { [Symbol.dispose]: journal.listen(({ type }, seq) => heard.push([type, seq])) };
    const lease = { holder: "ci", kind: "agent", action: "taken" } as const;
    journal.pass({ type: "session.lease", session: { id: "ses_a" } as SessionInfo, ...lease });
    happens(journal, "a");
    assert.deepEqual(heard, [
      ["session.lease", 0],
      ["session.created", RUN + 1],
    ]);
    assert.deepEqual((await read(journal, RUN)).ids, [`${RUN + 1} ses_a`]);
  });

  it("goes on over restarts, whose numbers are above all that were told before", async () => {
    await using place = new Place();
    const before = await place.run();
    happens(before, "a", "b");
    await before.close();
    const journal = await place.run();
    happens(journal, "c");
    assert.deepEqual(await read(journal, RUN + 1), {
      upto: 2 * RUN + 1,
      last: 2 * RUN + 1,
      whole: true,
      ids: [`${RUN + 2} ses_b`, `${2 * RUN + 1} ses_c`],
    });
  });

  it("is not whole after a run that was killed, but for who had heard the last that came to the disk", async () => {
    await using place = new Place();
    const before = await place.run();
    happens(before, "a", "b");
    await waitUntil("they are kept", async () => (await place.kept()) === 2);
    happens(before, "lost");
    const journal = await place.run();
    happens(journal, "c");
    assert.equal((await read(journal, RUN + 1)).whole, false);
    for (const heard of [RUN + 2, RUN + 3]) {
      const { whole, ids } = await read(journal, heard);
      assert.deepEqual([whole, ids], [true, [`${2 * RUN + 1} ses_c`]]);
    }
    await journal.close();
    const next = await place.run();
    assert.equal((await read(next, RUN + 3)).whole, true);
  });

  it("is not whole for who knows less than is kept, or something that it has never told", async () => {
    await using place = new Place();
    const journal = await place.run();
    happens(journal, "a", "b", "c");
    await journal.close();
    assert.equal((await read(journal, 12)).whole, false, "told before there was a journal");
    assert.equal((await read(journal, RUN)).whole, true);
    assert.equal((await read(journal, RUN + 4)).whole, false);
    await place.keepOnly(1);
    assert.equal((await read(journal, RUN + 1)).whole, false);
    assert.deepEqual(await read(journal, RUN + 2), {
      upto: RUN + 3,
      last: RUN + 3,
      whole: true,
      ids: [`${RUN + 3} ses_c`],
    });
    await place.keepOnly(0);
    await journal.expire(Date.now());
    assert.deepEqual([(await read(journal, RUN + 2)).whole, (await read(journal, RUN + 3)).whole], [false, true]);
  });

  it("lets go of what is older than two weeks", async () => {
    await using place = new Place();
    const journal = await place.run();
    happens(journal, "a");
    await journal.close();
    await journal.expire(Date.now() + 13 * 86_400_000);
    assert.equal((await read(journal, RUN)).ids.length, 1);
    await journal.expire(Date.now() + 15 * 86_400_000);
    assert.deepEqual([(await read(journal, RUN)).ids, (await read(journal, RUN)).whole], [[], false]);
  });

  it("has what the disk refuses in memory and on the disk when there is room, and says what found room in neither", async () => {
    await using place = new Place();
    const journal = await place.run();
    place.isFull = true;
    happens(journal, ..."abc");
    assert.deepEqual((await read(journal, RUN + 1)).ids, [`${RUN + 2} ses_b`, `${RUN + 3} ses_c`]);
    for (let n = 0; n < 10_000; n += 1) happens(journal, "x");
    assert.equal((await read(journal, RUN + 2)).whole, false);
    assert.equal((await read(journal, RUN + 3)).whole, true);
    place.isFull = false;
    await journal.close();
    const next = await place.run();
    assert.equal((await read(next, RUN + 2)).whole, false);
    assert.deepEqual((await read(next, RUN + 3, 1)).ids, [`${RUN + 4} ses_x`]);
    assert.equal((await read(next, RUN + 10_002)).ids.length, 1);
  });

  it("tries again by itself when the disk has refused", async () => {
    await using place = new Place();
    const journal = await place.run();
    place.isFull = true;
    happens(journal, "a");
    await waitUntil("it was refused", () => place.refusals > 0);
    place.isFull = false;
    await waitUntil("it is kept", async () => (await place.kept()) === 1);
  });
});
