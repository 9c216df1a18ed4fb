// Holds a member to keeping all that is changed and learned of it, however slow the disk is.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MemberRecord } from "../store/hub-store.ts";
import { KnownSessions } from "./known-sessions.ts";
import { Member } from "./member.ts";

const known = new KnownSessions();
const record: MemberRecord = {
  id: "srv_1",
  address: "http://127.0.0.1:1",
  origin: "api",
  name: null,
  labels: {},
  cordoned: false,
  draining: false,
  token: null,
  server: "srv_far",
  key: "ed25519:far",
  hostname: "web-1",
  link_generation: 3,
  added_at: "2026-03-02T09:00:00.000Z",
  approved: true,
  revoked: false,
};

describe("a member", () => {
  it("keeps each of the changes that are made while others are written", async () => {
    const saved: MemberRecord[] = [];
    const save = async (changed: MemberRecord) => {
      await new Promise(setImmediate);
      saved.push(changed);
    };
    const member = new Member({ record, known, save, way: () => null } as unknown as ConstructorParameters<
      typeof Member
    >[0]);
    const changes = [{ draining: true }, { labels: { role: "web" } }, { cordoned: true }];
    await Promise.all(changes.map((change) => member.change(change)));
    const whole = { ...record, draining: true, labels: { role: "web" }, cordoned: true };
    assert.deepEqual(saved.at(-1), whole);
    assert.deepEqual(member.record, whole);
  });

  it("goes on keeping after a change that the disk refused, which it does not have", async () => {
    let refuses = true;
    const save = async () => {
      if (refuses) throw new Error("disk full");
    };
    const member = new Member({ record, known, save, way: () => null } as unknown as ConstructorParameters<
      typeof Member
    >[0]);
    await assert.rejects(member.change({ draining: true }), /disk full/);
    refuses = false;
    await member.change({ cordoned: true });
    assert.deepEqual(member.record, { ...record, cordoned: true });
  });
});
