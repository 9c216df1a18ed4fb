// Holds what a bounded caller gets of a worker to its bounds: whatever is asked, of whatever session, in whatever order tags
// come and go.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { Call, ChannelEvents } from "@fleetty/protocol/link";
import { type AnyOperation, linkOperations } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { hubCall } from "../sessions/hub-call.ts";
import { madeSession } from "./fixtures/made-session.ts";
import { KnownSessions } from "./known-sessions.ts";
import { NarrowedWorker } from "./narrowed-worker.ts";

const mine = madeSession({ id: "ses_mine", name: "build", tags: ["ci", "nightly"], state: "exited" });
const theirs = madeSession({ id: "ses_theirs", name: "build", tags: ["prod"] });
const alone = madeSession({ id: "ses_alone", name: "alone", tags: ["ci"] });

/** A worker that notes what reaches it; what it is asked lasts until the test answers. */
class Scene {
  readonly known = new KnownSessions();
  readonly asked: { name: string; session?: string; tags?: string[]; signal?: AbortSignal }[] = [];
  readonly answers: PromiseWithResolvers<unknown>[] = [];
  readonly channels: { events: ChannelEvents; isClosed: boolean; open: () => void }[] = [];
  readonly #listeners = new Set<(event: AnyEvent, seq: number) => void>();
  readonly port: NarrowedWorker;

  constructor() {
    this.known.replace([mine, theirs, alone]);
    this.port = new NarrowedWorker({
      port: {
        call: (name: string, input: object, { signal }: Call) =>
          this.#call(name, { ...input, ...(signal && { signal }) }),
        stream: (request: object, events: ChannelEvents) => this.#open("stream", request, events),
        input: (request: object, events: ChannelEvents) => this.#open("input", request, events),
        events: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
        changes: (listener) => {
          for (const session of [mine, theirs, alone]) listener(session.id);
          return () => {};
        },
      } as WorkerPort,
      find: (reference, isMeant) => this.known.find(reference, isMeant),
      sees: ({ tags }) => tags.includes("ci"),
      tags: ["ci"],
    });
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  tell(event: AnyEvent): void {
    this.known.apply(event);
    for (const listener of [...this.#listeners]) listener(event, 1);
  }

  /** The session loses the tag that lets it be seen. */
  hide(session: SessionInfo): void {
    const tags = session.tags.filter((tag) => tag !== "ci");
    this.tell({ type: "session.tags_changed", session: { ...session, tags }, added: [], removed: ["ci"] });
  }

  #call(name: string, input: object): Promise<unknown> {
    this.asked.push({ ...input, name });
    if (name === "sessions.list") return Promise.resolve(this.known.all);
    const answer = Promise.withResolvers<unknown>();
    this.answers.push(answer);
    return answer.promise;
  }

  #open(name: string, request: object, events: ChannelEvents): Promise<never> {
    this.asked.push({ name, ...request });
    const opening = Promise.withResolvers<never>();
    const channel = { events, isClosed: false, open: () => opening.resolve(opened as never) };
    const opened = {
      offset: 0,
      close: () => {
        channel.isClosed = true;
      },
    };
    this.channels.push(channel);
    return opening.promise;
  }
}

const NOT_FOUND = { code: "session_not_found" };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a secret out of the caller's sight", () => {
  const pages = [
    {
      items: [
        { name: "all", tags: [] },
        { name: "theirs", tags: ["deploy"] },
      ],
      next_cursor: "more",
    },
    { items: [{ name: "mine", tags: ["x", "ci"] }], next_cursor: null },
  ];

  /** Answers with one page after the other; resolves with what came of `name` and what was asked. */
  async function use(name: string) {
    const scene = new Scene();
    const using = scene.port.call("sessions.secret", { session: "build", name }, hubCall()).then(
      () => "typed",
      ({ code }) => code,
    );
    for (const page of pages) {
      await settled();
      if (scene.asked.at(-1)?.name === "secrets.list") scene.answers.at(-1)?.resolve(page);
    }
    await settled();
    scene.answers.at(-1)?.resolve({});
    return [await using, scene.asked.map(({ name: asked }) => asked)];
  }

  it("is not in the list, and is typed nowhere, whatever tags a session is given", async () => {
    const { port, answers } = new Scene();
    const listed = port.call("secrets.list", {}, hubCall());
    answers[0]?.resolve(pages[0]);
    assert.deepEqual(await listed, { items: [{ name: "all", tags: [] }], next_cursor: "more" });
    const list = "secrets.list";
    assert.deepEqual(await use("all"), ["typed", [list, "sessions.secret"]]);
    assert.deepEqual(await use("mine"), ["typed", [list, list, "sessions.secret"]]);
    assert.deepEqual(await use("theirs"), ["secret_not_found", [list, list]]);
  });

  it("is neither kept nor removed by whoever sees only some sessions", async () => {
    const { port, asked } = new Scene();
    const bounded = { code: "forbidden", details: { reason: "bounded" } };
    await assert.rejects(port.call("secrets.set", { name: "mine", value: "x" }, hubCall()), bounded);
    await assert.rejects(port.call("secrets.remove", { name: "mine" }, hubCall()), bounded);
    assert.deepEqual(asked, []);
  });
});

describe("a session out of the caller's sight", () => {
  it("is not found by whatever is asked of a session, by its name or its id", async () => {
    const { port, asked } = new Scene();
    const rows = (Object.values(linkOperations) as AnyOperation[]).filter(({ runs }) => runs === "session");
    assert.ok(rows.length > 15);
    for (const { name } of rows) {
      for (const session of ["ses_theirs", "nobody"]) {
        await assert.rejects(port.call(name as "sessions.get", { session }, hubCall()), NOT_FOUND, name);
      }
    }
    const request = { session: "ses_theirs", from: 0, pace: false } as const;
    await assert.rejects(port.stream(request, { closed: () => {} }, hubCall()), NOT_FOUND);
    await assert.rejects(
      port.input({ session: "ses_theirs", client: "c" }, { closed: () => {} }, hubCall()),
      NOT_FOUND,
    );
    assert.deepEqual(asked, []);
  });

  it("keeps its name from nobody: an ended one that is seen is meant, and asked for by id", () => {
    const { port, asked } = new Scene();
    void port.call("sessions.screen", { session: "build" }, hubCall());
    assert.deepEqual(asked, [{ name: "sessions.screen", session: "ses_mine" }]);
  });

  it("is in no list and in no number", async () => {
    const { port, answers } = new Scene();
    assert.deepEqual(await port.call("sessions.list", {}, hubCall()), [mine, alone]);
    const info = port.call("server.info", {}, hubCall());
    answers[0]?.resolve({ hostname: "web-1", session_count: 3 });
    assert.deepEqual(await info, { hostname: "web-1", session_count: 2 });
  });

  it("is not told of when its screen changes", () => {
    const told: string[] = [];
    new Scene().port.changes((session) => told.push(session));
    assert.deepEqual(told, ["ses_mine", "ses_alone"]);
  });

  it("is not told of, until it comes into sight; one that goes out of sight is told as removed", () => {
    const scene = new Scene();
    const told: string[] = [];
    scene.port.events(({ type, session: { id } }) => told.push(`${type} ${id}`));
    scene.tell({ type: "session.created", session: theirs });
    scene.tell({ type: "session.renamed", session: theirs, old_name: "a", new_name: "build" });
    const tags = [...theirs.tags, "ci"];
    scene.tell({ type: "session.tags_changed", session: { ...theirs, tags }, added: ["ci"], removed: [] });
    scene.hide(alone);
    scene.tell({ type: "session.exited", session: { ...alone, tags: [] }, is_kept: true });
    assert.deepEqual(told, ["session.tags_changed ses_theirs", "session.removed ses_alone"]);
  });

  it("is in no journal, but for how far that goes; one that went out of sight was removed", async () => {
    const { port, answers } = new Scene();
    const read = port.call("worker.journal", { after: 0, limit: 10 }, hubCall());
    const happened = (seq: number, event: string, session: SessionInfo) => ({ seq, at: "", event, p: { session } });
    const events = [
      happened(1, "session.created", theirs),
      happened(2, "session.created", mine),
      happened(3, "session.tags_changed", { ...alone, tags: [] }),
      happened(4, "session.exited", theirs),
    ];
    answers[0]?.resolve({ events, upto: 4, last: 9, whole: true });
    const seen = [happened(2, "session.created", mine), happened(3, "session.removed", { ...alone, tags: [] })];
    assert.deepEqual(await read, { events: seen, upto: 4, last: 9, whole: true });
  });
});

describe("what a bounded caller creates", () => {
  it("carries its first tag, before those that were asked for", async () => {
    const { port, asked, answers } = new Scene();
    const made = port.call("sessions.start", { id: "ses_new", tags: ["b"] }, hubCall());
    answers[0]?.resolve(madeSession({ id: "ses_new", tags: ["b", "ci"] }));
    assert.deepEqual([(await made).id, asked[0]?.tags], ["ses_new", ["ci", "b"]]);
  });

  it("is not answered with a session out of sight that has the same id", async () => {
    const { port, answers } = new Scene();
    const made = port.call("sessions.start", { id: "ses_theirs" }, hubCall());
    answers[0]?.resolve(theirs);
    await assert.rejects(made, NOT_FOUND);
  });
});

describe("what lasts", () => {
  it("ends when the session goes out of sight: a wait is refused, and is not waited for any more", async () => {
    const scene = new Scene();
    const waiting = scene.port.call("sessions.wait", { session: "alone" }, hubCall());
    scene.hide(theirs);
    assert.equal(scene.asked[0]?.signal?.aborted, false);
    scene.hide(alone);
    await assert.rejects(waiting, NOT_FOUND);
    assert.equal(scene.asked[0]?.signal?.aborted, true);
    assert.equal(scene.listeners, 0);
  });

  it("ends when the session goes out of sight: streams and inputs are closed, at once or as soon as they are open", async () => {
    for (const kind of ["stream", "input"] as const) {
      for (const isOpenFirst of [true, false]) {
        const scene = new Scene();
        const closed: string[] = [];
        const events = { closed: (reason: string) => closed.push(reason) };
        const request = { session: "alone", from: 0, pace: false, client: "c" } as const;
        const opening = scene.port[kind](request, events, hubCall());
        if (isOpenFirst) {
          scene.channels[0]?.open();
          await opening;
          scene.hide(alone);
          assert.equal(closed.length, 1);
        } else {
          scene.hide(alone);
          scene.channels[0]?.open();
          await assert.rejects(opening, NOT_FOUND);
        }
        assert.deepEqual([scene.channels[0]?.isClosed, scene.listeners], [true, 0], kind);
      }
    }
  });

  it("ends when the session went out of sight before anybody listened", async () => {
    const scene = new Scene();
    scene.hide(alone);
    const told: string[] = [];
    scene.port.whenHidden("ses_alone", ({ code }) => told.push(code));
    scene.port.whenHidden("ses_mine", ({ code }) => told.push(`mine ${code}`));
    await settled();
    assert.deepEqual(told, ["session_not_found"]);
  });

  it("leaves nothing behind when it ends by itself, and hands on what comes", async () => {
    const scene = new Scene();
    const waiting = scene.port.call("sessions.wait", { session: "alone" }, hubCall());
    scene.answers[0]?.resolve({ reason: "exit" });
    await waiting;
    const told: string[] = [];
    /** As real ones are: of a class with members of its own. */
    class Listener implements ChannelEvents {
      readonly #name = "heard";
      output(offset: number): void {
        told.push(`${this.#name} ${offset}`);
      }
      closed(reason: string): void {
        told.push(`${this.#name} ${reason}`);
      }
    }
    const request = { session: "alone", from: 0, pace: false } as const;
    const opening = scene.port.stream(request, new Listener(), hubCall());
    scene.channels[0]?.open();
    await opening;
    scene.channels[0]?.events.output?.(7, new Uint8Array(1));
    scene.channels[0]?.events.closed("lost");
    await settled();
    assert.deepEqual([told, scene.listeners], [["heard 7", "heard lost"], 0]);
    const refused = scene.port.input({ session: "alone", client: "c" }, new Listener(), hubCall());
    scene.channels[1]?.open();
    (await refused).close();
    assert.deepEqual([scene.channels[1]?.isClosed, scene.listeners], [true, 0]);
  });
});
