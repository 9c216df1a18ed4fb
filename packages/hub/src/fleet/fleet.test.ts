// Registering members: what is refused, and that two at once are not both the first.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { SealedTexts } from "@fleetty/carrier/sealed-text";
import { ServerKey } from "@fleetty/carrier/server-key";
import { Secret } from "@fleetty/protocol/secret";
import { pino } from "pino";
import type { HubStore, MemberRecord } from "../store/hub-store.ts";
import { Fleet, type OwnWorker } from "./fleet.ts";
import { IpAccess } from "./ip-access.ts";
import { PinnedConnect } from "./pinned-connect.ts";

/** A store that keeps members in memory, and takes a turn of the loop for each. */
class Kept {
  readonly records = new Map<string, MemberRecord>();

  async members(): Promise<MemberRecord[]> {
    return [...this.records.values()];
  }

  async ownServer(): Promise<null> {
    return null;
  }

  async revokedKeys(): Promise<string[]> {
    return [];
  }

  async lastKnownSessions(): Promise<readonly []> {
    return [];
  }

  async putMember(record: MemberRecord): Promise<void> {
    await new Promise(setImmediate);
    this.records.set(record.id, record);
  }

  async removeMember(id: string): Promise<void> {
    this.records.delete(id);
  }
}

describe("a fleet", () => {
  let kept: Kept;
  let fleet: Fleet;

  beforeEach(async () => {
    kept = new Kept();
    fleet = await Fleet.open({
      store: kept as unknown as HubStore,
      worker: { find: () => undefined, live: () => [] } as unknown as OwnWorker,
      status: () => ({ slots: 4, load1: 0, os: "linux", arch: "x64" }),
      own: {
        id: "srv_own",
        startId: "1",
        hostname: "hub-1",
        key: ServerKey.fromPem(ServerKey.makePem()),
        lostAfterMs: 30_000,
      },
      config: {
        servers: [],
        rules: {
          connect: new PinnedConnect({
            access: new IpAccess({ allowlist: ["127.0.0.0/8"], blocklist: ["127.0.0.9/32"] }),
          }),
          shared: null,
        },
      },
      sealed: new SealedTexts(new Secret(Buffer.alloc(32).toString("base64url"))),
      routeOmitted: "fleet",
      onJoin: () => {},
      membersMax: 2,
      log: pino({ enabled: false }),
    });
  });
  afterEach(() => fleet.close());

  it("keeps a member's token sealed", async () => {
    const { id } = await fleet.add({ address: "http://127.0.0.1:1", token: "a token of that server" });
    const record = kept.records.get(id);
    assert.match(record?.token ?? "", /^gcm1\./);
    assert.doesNotMatch(JSON.stringify(record), /a token of that server/);
  });

  it("registers an address once, however it is spelled and however many ask at once", async () => {
    const spellings = ["http://127.0.0.1:1", "HTTP://127.0.0.1:1/", "http://0x7f.1:1"];
    const ends = await Promise.allSettled(spellings.map((address) => fleet.add({ address })));
    assert.deepEqual(
      ends.map((end) => (end.status === "rejected" ? end.reason.code : "added")),
      ["added", "server_already_registered", "server_already_registered"],
    );
    assert.equal(kept.records.size, 1);
  });

  it("refuses an address that the lists forbid before anything is sent or kept", async () => {
    for (const address of ["http://127.0.0.9:1", "http://192.0.2.1:1"]) {
      await assert.rejects(fleet.add({ address }), {
        code: "invalid_request",
        details: { field: "address", reason: "address_denied" },
      });
    }
    assert.equal(kept.records.size, 0);
  });

  it("takes no more members than there may be", async () => {
    await fleet.add({ address: "http://127.0.0.1:1" });
    await fleet.add({ address: "http://127.0.0.1:2" });
    const refusal = { code: "resource_limit_reached", details: { limit: "servers", max: 2 } };
    await assert.rejects(fleet.add({ address: "http://127.0.0.1:3" }), refusal);
  });
});
