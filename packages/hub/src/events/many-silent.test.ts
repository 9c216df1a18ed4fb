// When members that went silent are too many to have gone each for itself.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManySilent } from "./many-silent.ts";

type Step = readonly [at: number, what: "lost" | "back", id: string];
const S = 1_000;

const stories: readonly { of: string; members: number; steps: readonly Step[]; alarms: readonly string[] }[] = [
  {
    of: "half of four",
    members: 4,
    steps: [
      [0, "lost", "a"],
      [1, "lost", "b"],
    ],
    alarms: [],
  },
  {
    of: "three of four",
    members: 4,
    steps: [
      [0, "lost", "a"],
      [1, "lost", "b"],
      [60, "lost", "c"],
    ],
    alarms: ["a,b,c since 0"],
  },
  {
    of: "three of four, the first a while ago",
    members: 4,
    steps: [
      [0, "lost", "a"],
      [1, "lost", "b"],
      [61, "lost", "c"],
    ],
    alarms: [],
  },
  {
    of: "all of three",
    members: 3,
    steps: [
      [0, "lost", "a"],
      [1, "lost", "b"],
      [2, "lost", "c"],
    ],
    alarms: [],
  },
  {
    of: "one after another is one alarm",
    members: 5,
    steps: [
      [0, "lost", "a"],
      [1, "lost", "b"],
      [2, "lost", "c"],
      [3, "lost", "d"],
      [4, "lost", "e"],
    ],
    alarms: ["a,b,c since 0"],
  },
  {
    of: "one member that flaps",
    members: 4,
    steps: [
      [0, "lost", "a"],
      [1, "back", "a"],
      [2, "lost", "a"],
      [3, "lost", "a"],
    ],
    alarms: [],
  },
  {
    of: "again after they were back",
    members: 4,
    steps: [
      [0, "lost", "a"],
      [0, "lost", "b"],
      [0, "lost", "c"],
      [9, "back", "a"],
      [9, "back", "b"],
      [9, "back", "c"],
      [20, "lost", "b"],
      [21, "lost", "c"],
      [22, "lost", "d"],
    ],
    alarms: ["a,b,c since 0", "b,c,d since 20"],
  },
];

describe("an alarm that many servers are silent", () => {
  for (const { of, members, steps, alarms } of stories) {
    it(`${alarms.length === 0 ? "is not given" : "is given"}: ${of}`, () => {
      const silent = new ManySilent();
      const given: string[] = [];
      for (const [at, what, id] of steps) {
        if (what === "back") silent.back(id, members);
        else {
          const alarm = silent.lost(id, { members, nowMs: at * S });
          if (alarm) given.push(`${alarm.servers.join(",")} since ${alarm.sinceMs / S}`);
        }
      }
      assert.deepEqual(given, alarms);
    });
  }
});
