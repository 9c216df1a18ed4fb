// Holds what is confirmed to the disk it must have reached.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reach } from "@fleetty/sqlite/thread";
import { reachOf, type Write } from "./write.ts";

const record = (state: string): Write => ({ do: "record", id: "ses_a", state, row: "{}", counter: 1 });
const live = record("live");
const ended = record("ended");
const events: Write = { do: "keep_events", rows: [], lost: 0 };
const secret: Write = { do: "forget_secret", name: "a" };
const use: Write = { do: "use_secret", name: "a", at: "" };
const forget: Write = { do: "forget", id: "ses_a" };

describe("what a transaction has reached when it is confirmed", () => {
  const cases: [string, Write[], Reach][] = [
    ["the kernel, when all in it live and die with the machine", [live, live], "kernel"],
    ["the kernel, when it is news of them too", [live, events], "kernel"],
    ["the disk, when a session in it has ended", [live, ended, events], "disk"],
    ["the disk, when a session in it is forgotten", [forget, live], "disk"],
    ["the disk, when a secret in it is kept or forgotten", [secret, live], "disk"],
    ["the kernel, when a secret was used", [use, live], "kernel"],
  ];
  for (const [name, writes, reach] of cases) it(name, () => assert.equal(reachOf(writes), reach));
});
