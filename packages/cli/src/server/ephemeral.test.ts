import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { EphemeralLife } from "./ephemeral.ts";

const MINUTE_MS = 60_000;

describe("the life of an ephemeral server", () => {
  let liveSessions = 0;
  let viewers = 0;
  let overs = 0;
  let life: EphemeralLife;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    [liveSessions, viewers, overs] = [0, 0, 0];
    life = new EphemeralLife({
      liveSessions: () => liveSessions,
      viewers: () => viewers,
      onOver: () => {
        overs += 1;
      },
    });
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
    viewers = 1;
    mock.timers.tick(MINUTE_MS);
    viewers = 0;
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
});
