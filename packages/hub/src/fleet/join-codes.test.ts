// Making and taking back join codes, and what a hello shows of one.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readJoinCode } from "@fleetty/carrier/join-code";
import { proofOf } from "@fleetty/carrier/proof";
import type { MemberHello } from "@fleetty/protocol/link";
import type { JoinCodeRecord } from "../store/hub-store.ts";
import { JoinCodes } from "./join-codes.ts";

const NOW_MS = 1_800_000_000_000;
const terms = { name: "build-1", labels: { role: "build" }, ttlMs: 1_000, approve: true };
const signed = { text: "signed on this link", isValid: true };

function open({ hasRoom = true }: { hasRoom?: boolean } = {}) {
  const kept = new Map<string, JoinCodeRecord>();
  const codes = new JoinCodes({
    key: "ed25519:k",
    store: {
      addJoinCode: async (code) => hasRoom && Boolean(kept.set(code.id, code)),
      joinCode: async (id) => kept.get(id) ?? null,
      removeJoinCode: async (id) => kept.delete(id),
    },
  });
  return { codes, kept };
}

const helloWith = (join: MemberHello["join"]) => ({ join }) as MemberHello;

describe("join codes", () => {
  it("are kept as a hash, with what they grant and until when", async () => {
    const { codes, kept } = open();
    const { id, code, expiresAtMs } = await codes.make(terms, NOW_MS);
    const record = kept.get(id);
    assert.deepEqual([record?.name, record?.labels, record?.approve], ["build-1", { role: "build" }, true]);
    assert.deepEqual([expiresAtMs, record?.expires_at_ms], [NOW_MS + 1_000, NOW_MS + 1_000]);
    const [, secret = "none"] = code.split(".");
    assert.ok(!JSON.stringify(record).includes(secret));
  });

  it("are no more than there may be", async () => {
    const refusal = { code: "resource_limit_reached", details: { limit: "join_codes", max: 1_000 } };
    await assert.rejects(open({ hasRoom: false }).codes.make(terms, NOW_MS), refusal);
  });

  it("are shown by who proves to have them, and by nobody else", async () => {
    const { codes, kept } = open();
    const made = await codes.make(terms, NOW_MS);
    const { id, secretHash } = readJoinCode(made.code) as { id: string; secretHash: string };
    const right = helloWith({ id, proof: proofOf(secretHash, signed.text) });
    const kind = async (hello: MemberHello, on = signed, atMs = NOW_MS) => (await codes.shownBy(hello, on, atMs)).kind;
    assert.equal(await kind(right), "valid");
    assert.equal(await kind(right, signed, NOW_MS + 1_000), "expired");
    assert.equal(await kind(right, { ...signed, text: "signed on another link" }), "none");
    assert.equal(await kind(right, { ...signed, isValid: false }), "none");
    assert.equal(await kind(helloWith({ id, proof: secretHash })), "none");
    assert.equal(await kind(helloWith({ id: "jcd_other", proof: proofOf(secretHash, signed.text) })), "none");
    assert.equal(await kind(helloWith(null)), "none");
    kept.set(id, { ...(kept.get(id) as JoinCodeRecord), used_at_ms: NOW_MS });
    assert.equal(await kind(right), "used");
    await codes.revoke(id, NOW_MS);
    assert.equal(await kind(right), "none");
    await assert.rejects(codes.revoke(id, NOW_MS), { code: "join_code_not_found" });
  });
});
