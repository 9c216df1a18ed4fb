// When a server that is not to stay is over, by a clock that the test turns.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { Persistence } from "./persistence.ts";

const MINUTE_MS = 60_000;

describe("a server that is not to stay", () => {
  let liveSessions = 0;
  let sockets = 0;
  let overs = 0;
  let life: Persistence;

  const living = (isPersistent: boolean) =>
    new Persistence({
      isPersistent,
      liveSessions: () => liveSessions,
      sockets: () => sockets,
      onOver: () => {
        overs += 1;
      },
    });

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    [liveSessions, sockets, overs] = [0, 0, 0];
    life = living(false);
  });
  afterEach(() => {
    life.stop();
    mock.timers.reset();
  });

  it("is over after a minute without any session, not before", () => {
    mock.timers.tick(MINUTE_MS - 1);
    assert.equal(overs, 0);
    mock.timers.tick(1);
    assert.equal(overs, 1);
  });

  it("is over with its last session", () => {
    liveSessions = 1;
    life.sessionEnded();
    assert.equal(overs, 0);
    liveSessions = 0;
    life.sessionEnded();
    assert.equal(overs, 1);
  });

  it("goes on while a session lives, however long", () => {
    liveSessions = 1;
    mock.timers.tick(100 * MINUTE_MS);
    assert.equal(overs, 0);
  });

  it("goes on while somebody watches, and is looked at again", () => {
    sockets = 1;
    mock.timers.tick(MINUTE_MS);
    sockets = 0;
    mock.timers.tick(MINUTE_MS - 1);
    assert.equal(overs, 0);
    mock.timers.tick(1);
    assert.equal(overs, 1);
  });

  it("ends nothing once the server stops for another reason", () => {
    life.stop();
    mock.timers.tick(2 * MINUTE_MS);
    assert.equal(overs, 0);
  });

  it("is never over where it is to stay, from its start or from when that is said", () => {
    life.persist(true);
    life.sessionEnded();
    mock.timers.tick(2 * MINUTE_MS);
    assert.deepEqual([overs, life.isPersistent], [0, true]);
    using staying = Object.assign(living(true), { [Symbol.dispose]: () => staying.stop() });
    mock.timers.tick(2 * MINUTE_MS);
    assert.equal(overs, 0);
  });

  it("is over with the last session, or a minute after it was said, once it is no longer to stay", () => {
    life.persist(true);
    liveSessions = 1;
    mock.timers.tick(MINUTE_MS);
    life.persist(false);
    liveSessions = 0;
    life.sessionEnded();
    assert.equal(overs, 1);
    mock.timers.tick(MINUTE_MS - 1);
    life.persist(false);
    mock.timers.tick(1);
    assert.equal(overs, 2);
  });
});
