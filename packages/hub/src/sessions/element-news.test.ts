// What those who are attached hear of elements, told by a session whose every answer the test chooses.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { ElementNews } from "./element-news.ts";

interface Asked extends PromiseWithResolvers<unknown> {
  readonly after: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A session that is asked for its news, and has what the test puts there. */
class ScriptedSession {
  readonly asked: Asked[] = [];
  overlays: unknown[] = [];
  panels: unknown[] = [];
  mode = "passthrough";

  readonly port = {
    call: (name: string, input: { after?: number }, call: Call) => {
      if (name === "sessions.overlays.list") return Promise.resolve(this.overlays);
      if (name === "sessions.panels.list") return Promise.resolve(this.panels);
      if (name === "sessions.input_mode") return Promise.resolve({ mode: this.mode });
      assert.equal(name, "sessions.notices");
      const asked = { ...Promise.withResolvers<unknown>(), after: input.after, signal: call.signal };
      this.asked.push(asked);
      return asked.promise;
    },
  } as unknown as WorkerPort;

  /** Answers the newest question. */
  async answer(more: { seq: number; notices?: unknown[]; missed?: number; ended?: unknown }): Promise<void> {
    this.asked.at(-1)?.resolve({ notices: [], missed: 0, ...more });
    await settled();
  }

  async refuse(code: "server_unavailable" | "unsupported"): Promise<void> {
    this.asked.at(-1)?.reject(new FleettyError(code, "refused"));
    await settled();
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const viewer = () => {
  const told = { times: 0, elementsChanged: () => void told.times++ };
  return told;
};
const change = { kind: "overlay", element: "overlay", action: "created", id: "one" };

function scene(more: Partial<Pick<ScriptedSession, "overlays" | "panels" | "mode">> = {}) {
  const session = Object.assign(new ScriptedSession(), more);
  return { session, news: new ElementNews("ses_1", session.port) };
}

describe("news of elements", () => {
  it("are told at the beginning only where there is something to see", async () => {
    const cases = [{ overlays: [1] }, { panels: [1] }, { mode: "capture" }, {}];
    const told = cases.map(async (more) => {
      const { session, news } = scene(more);
      const one = viewer();
      news.add(one);
      await session.answer({ seq: 7 });
      news.close();
      return one.times;
    });
    assert.deepEqual(await Promise.all(told), [1, 1, 1, 0]);
  });

  it("come from one question for all who are attached, and go on from where the last answer was", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const { session, news } = scene();
    const [first, second] = [viewer(), viewer()];
    news.add(first);
    await session.answer({ seq: 7 });
    news.add(second);
    await session.answer({ seq: 8, notices: [change] });
    assert.deepEqual([first.times, second.times], [1, 1]);
    const next = async () => {
      test.mock.timers.tick(20);
      await settled();
    };
    await next();
    await session.answer({ seq: 8 });
    await next();
    await session.answer({ seq: 40, missed: 3 });
    await next();
    assert.deepEqual([first.times, second.times], [2, 2]);
    assert.deepEqual(
      session.asked.map(({ after }) => after),
      [undefined, 7, 8, 8, 40],
    );
    news.remove(first);
    assert.equal(session.asked.at(-1)?.signal?.aborted, false);
    news.remove(second);
    assert.equal(session.asked.at(-1)?.signal?.aborted, true);
  });

  it("are told once more when a lost link is back, to all, whatever there is", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const { session, news } = scene();
    const one = viewer();
    news.add(one);
    await session.answer({ seq: 7 });
    await session.refuse("server_unavailable");
    for (const again of [1, 2]) {
      test.mock.timers.tick(200);
      await settled();
      assert.equal(session.asked.length, 2 + again);
      if (again === 1) await session.refuse("server_unavailable");
    }
    assert.equal(one.times, 0);
    await session.answer({ seq: 1 });
    assert.equal(one.times, 1);
    assert.equal(session.asked.at(-1)?.after, 1);
    news.close();
  });

  it("end with the session, and where its host knows none of them", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const ended = scene();
    ended.news.add(viewer());
    await ended.session.answer({ seq: 7 });
    await ended.session.answer({ seq: 7, ended: { exit: { code: 0 }, offset: 9 } });
    const old = scene();
    const one = viewer();
    old.news.add(one);
    await old.session.refuse("unsupported");
    test.mock.timers.tick(60_000);
    await settled();
    assert.deepEqual([ended.session.asked.length, old.session.asked.length, one.times], [2, 1, 0]);
  });
});
