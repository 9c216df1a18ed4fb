// Holds the handshake between servers to what was said in released versions: real messages of version 1, recorded once and
// never changed, are read as they were meant and still prove who said them. And a worker to what it takes from its hub.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  handshakeFromHub,
  handshakeFromMember,
  MalformedFrame,
  type MemberChallenge,
  type MemberHello,
  type MemberWelcome,
  readFrame,
  signedText,
} from "@fleetty/protocol/link";
import { MemberGreeting } from "./member-greeting.ts";
import { isSignedBy, ServerKey } from "./server-key.ts";

interface Recorded {
  readonly from: "hub" | "member";
  readonly text: string;
}

const recorded = readFileSync(join(import.meta.dirname, "fixtures/handshake-v1.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);
const tables = { hub: handshakeFromHub, member: handshakeFromMember } as const;

describe("a handshake of version 1", () => {
  const read: readonly unknown[] = recorded.map(({ from, text }) => readFrame(tables[from], text));
  const [challenge, hello, welcome] = read as [MemberChallenge, MemberHello, MemberWelcome];
  const subject = {
    hubNonce: challenge.nonce,
    memberNonce: hello.nonce,
    hub: challenge.hub,
    server: hello.server,
    incarnation: hello.incarnation,
  };

  it("is read whole, each message with all of its members", () => {
    assert.deepEqual(
      [challenge, hello, welcome],
      recorded.map(({ text }) => JSON.parse(text)),
    );
  });

  it("proves who said what, by what both ends sign", () => {
    assert.ok(isSignedBy(hello.key, signedText("member", { ...subject, linkGeneration: 0 }), hello.sig));
    const linkGeneration = welcome.link_generation;
    assert.ok(isSignedBy(challenge.key, signedText("hub", { ...subject, linkGeneration }), welcome.sig));
  });
});

/** What a member makes of the welcome of a hub with this policy. */
function welcomed(policy: object) {
  const hubKey = ServerKey.fromPem(ServerKey.makePem());
  const said: string[] = [];
  const facts = { start_id: "1", hostname: "web-1", incarnation: 1, host_print: "here", version: "0", features: [] };
  const greeting = new MemberGreeting({
    facts: { server: "srv_web", ...facts },
    key: ServerKey.fromPem(ServerKey.makePem()),
    lastGenerationOf: () => 0,
    send: (text) => said.push(text),
    refuse: (code) => assert.fail(`refused with ${code}`),
  });
  const hub = { hub: "srv_hub", key: hubKey.text };
  greeting.take(JSON.stringify({ type: "challenge", ...hub, nonce: "n", protocol: { min: 1, max: 1 } }));
  const { nonce: memberNonce, server, incarnation } = JSON.parse(said[0] ?? "") as MemberHello;
  const text = signedText("hub", {
    hubNonce: "n",
    memberNonce,
    hub: "srv_hub",
    server,
    incarnation,
    linkGeneration: 3,
  });
  const welcome = { type: "welcome", link: "lnk_3", link_generation: 3, protocol: 1, sig: hubKey.sign(text) };
  return greeting.take(JSON.stringify({ ...welcome, policy }));
}

describe("the silence after which a link is given up", () => {
  const policy = { max_frame: 1_048_576, max_inflight: 4096, credit: 1_048_576 };

  it("is the hub's, and 30 s where it says nothing of it", () => {
    assert.equal(welcomed({ ...policy, lost_ms: 90_000 })?.lostAfterMs, 90_000);
    assert.equal(welcomed(policy)?.lostAfterMs, 30_000);
  });

  it("is never so short that a worker would look without pause, nor so long that it would never look", () => {
    for (const lost_ms of [1, 0, -1, Number.MIN_SAFE_INTEGER])
      assert.equal(welcomed({ ...policy, lost_ms })?.lostAfterMs, 1_000);
    for (const lost_ms of [3_600_001, 2 ** 31, Number.MAX_SAFE_INTEGER])
      assert.equal(welcomed({ ...policy, lost_ms })?.lostAfterMs, 3_600_000);
    for (const lost_ms of ["90000", null, 1.5, {}])
      assert.throws(() => welcomed({ ...policy, lost_ms }), MalformedFrame, `a silence of ${JSON.stringify(lost_ms)}`);
  });
});
