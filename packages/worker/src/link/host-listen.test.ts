// The listening side of a host's link over a real socket: who is admitted, who is put out, and that nobody else is served.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { makeHostKey } from "./host-listen.ts";
import { ListeningHost } from "./link-harness.ts";
import { prove } from "./proof.ts";

const call = { actor: { principal: "local", kind: "human", face: "test" }, via: [], deadlineMs: 60_000 } as const;

async function nobodyWasAdmitted(host: ListeningHost): Promise<void> {
  assert.deepEqual([host.links, host.served], [[], []]);
  const { end } = await host.dial();
  await end.request("still.there", null, call);
}

describe("a session host admits nobody", () => {
  it("with another key", async () => {
    await using host = await ListeningHost.open();
    const dialler = await host.dialRaw();
    dialler.welcome(await dialler.challenge(), { key: makeHostKey() });
    assert.equal(await dialler.closed, "4001 bad identity");
    await nobodyWasAdmitted(host);
  });

  it("by a proof that was heard on an earlier link", async () => {
    await using host = await ListeningHost.open();
    const first = await host.dialRaw();
    const hello = await first.challenge();
    const subject = { role: "hub", hubNonce: first.nonce, workerNonce: hello.nonce, linkGeneration: 1 } as const;
    const heard = prove(host.key, subject);
    first.socket.terminate();
    const second = await host.dialRaw();
    const again = await second.challenge(first.nonce);
    assert.notEqual(again.nonce, hello.nonce);
    second.welcome({ ...again, nonce: hello.nonce }, { key: host.key, proof: heard });
    assert.equal(await second.closed, "4001 bad identity");
    await nobodyWasAdmitted(host);
  });

  it("by its own proof sent back", async () => {
    await using host = await ListeningHost.open();
    const dialler = await host.dialRaw();
    const hello = await dialler.challenge();
    dialler.welcome(hello, { key: host.key, linkGeneration: 0, proof: hello.proof });
    assert.equal(await dialler.closed, "4001 bad identity");
    await nobodyWasAdmitted(host);
  });

  it("for another link than was proved", async () => {
    await using host = await ListeningHost.open();
    const dialler = await host.dialRaw();
    const hello = await dialler.challenge();
    const subject = { role: "hub", hubNonce: dialler.nonce, workerNonce: hello.nonce, linkGeneration: 1 } as const;
    dialler.welcome(hello, { key: host.key, linkGeneration: 2, proof: prove(host.key, subject) });
    assert.equal(await dialler.closed, "4001 bad identity");
    await nobodyWasAdmitted(host);
  });

  it("who asks before the proof, or challenges twice", async () => {
    await using host = await ListeningHost.open();
    const early = await host.dialRaw();
    early.request(1, "sessions.list");
    assert.equal(await early.closed, "4001 bad identity");
    const late = await host.dialRaw();
    await late.challenge();
    late.request(1, "sessions.list");
    assert.equal(await late.closed, "4001 bad identity");
    const twice = await host.dialRaw();
    await twice.challenge();
    twice.send({ type: "challenge", hub: "h", nonce: "n", protocol: { min: 1, max: 1 } });
    assert.equal(await twice.closed, "4001 bad identity");
    await nobodyWasAdmitted(host);
  });

  it("who sends no frame, or one that is too large for a handshake", async () => {
    await using host = await ListeningHost.open();
    for (const data of ["{", Buffer.from([1]), JSON.stringify({ type: "challenge", hub: "x".repeat(70_000) })]) {
      const dialler = await host.dialRaw();
      dialler.socket.send(data);
      assert.equal(await dialler.closed, "4010 protocol error");
    }
    await nobodyWasAdmitted(host);
  });

  it("of a protocol that it does not speak", async () => {
    await using host = await ListeningHost.open();
    const dialler = await host.dialRaw();
    dialler.send({ type: "challenge", hub: "h", nonce: "n", protocol: { min: 900, max: 901 } });
    assert.equal(await dialler.closed, "4011 version");
    await nobodyWasAdmitted(host);
  });

  it("from a browser, or at another path", async () => {
    await using host = await ListeningHost.open();
    await assert.rejects(host.dialRaw("/link", { origin: "https://example.com" }), { code: "ECONNRESET" });
    await assert.rejects(host.dialRaw("/"), { code: "ECONNRESET" });
    await nobodyWasAdmitted(host);
  });

  it("beyond eight who have not proved themselves, until one of them leaves", async () => {
    await using host = await ListeningHost.open();
    const silent = await Promise.all(Array.from({ length: 8 }, () => host.dialRaw()));
    await assert.rejects(host.dialRaw());
    silent[0]?.socket.terminate();
    await waitUntil("there is room again", () =>
      host.dialRaw().then(
        (dialler) => dialler.link({ key: host.key }).then(() => true),
        () => false,
      ),
    );
    await host.dialRaw();
  });
});

describe("a session host with a link", () => {
  it("goes on with the newer one, refuses what the older one waits for, and never serves it again", async () => {
    const { promise: never } = Promise.withResolvers<unknown>();
    await using host = await ListeningHost.open((op) => (op === "wait" ? never : Promise.resolve(op)));
    const old = await host.dialRaw();
    await old.link({ key: host.key, linkGeneration: 1 });
    // The old end does not hear that it is superseded, and asks on.
    old.below.pause();
    const { end } = await host.dial({ linkGeneration: 2 });
    old.request(1, "stale");
    old.below.resume();
    assert.equal(await old.closed, "4009 superseded");
    await waitUntil("the old link's end is told", () => host.closedLinks.includes(host.links[0] as never));
    assert.equal(await end.request("fresh", null, call), "fresh");
    assert.deepEqual(host.served, ["fresh"]);
    assert.deepEqual(
      host.links.map((link) => link.isOpen),
      [false, true],
    );
  });

  it("refuses a link that is not newer, and stays with the one that it has", async () => {
    await using host = await ListeningHost.open();
    const { end } = await host.dial({ linkGeneration: 5, incarnation: 3 });
    const stale = [
      { linkGeneration: 5, incarnation: 3 },
      { linkGeneration: 4, incarnation: 3 },
      { linkGeneration: 6, incarnation: 2 },
    ];
    for (const parts of stale) {
      const dialler = await host.dialRaw();
      dialler.welcome(await dialler.challenge(), { key: host.key, ...parts });
      assert.equal(await dialler.closed, "4009 superseded");
    }
    assert.deepEqual(await end.request("still", 1, call), { op: "still", p: 1 });
    assert.equal(host.links.length, 1);
  });

  it("does not take a generation again after its link has gone", async () => {
    await using host = await ListeningHost.open();
    const first = await host.dialRaw();
    await first.link({ key: host.key, linkGeneration: 5 });
    first.socket.terminate();
    await waitUntil("its end is told", () => host.closedLinks.length === 1);
    const again = await host.dialRaw();
    again.welcome(await again.challenge(), { key: host.key, linkGeneration: 5 });
    assert.equal(await again.closed, "4009 superseded");
    await (await host.dialRaw()).link({ key: host.key, linkGeneration: 6 });
  });

  it("ends a link that breaks the protocol, and is there for the next", async () => {
    await using host = await ListeningHost.open();
    const dialler = await host.dialRaw();
    await dialler.link({ key: host.key, linkGeneration: 1 });
    dialler.socket.send("not a frame");
    assert.equal(await dialler.closed, "4010 protocol error");
    const { end } = await host.dial({ linkGeneration: 2 });
    await end.request("still.there", null, call);
  });

  it("ends a link that carries a frame over 1 MiB without reading it, and is there for the next", async () => {
    await using host = await ListeningHost.open();
    for (const [index, frame] of [Buffer.alloc(2 * 1024 * 1024), "x".repeat(2 * 1024 * 1024)].entries()) {
      const dialler = await host.dialRaw();
      await dialler.link({ key: host.key, linkGeneration: index + 1 });
      dialler.socket.send(frame);
      assert.match(await dialler.closed, /^1009 /);
    }
    const { end } = await host.dial({ linkGeneration: 9 });
    await end.request("still.there", null, call);
    assert.deepEqual(host.served, ["still.there"]);
  });

  it("lets its last answer out before it leaves", async () => {
    await using host = await ListeningHost.open();
    const { end } = await host.dial();
    const large = "x".repeat(900_000);
    const answers = [end.request("one", large, call), end.request("two", large, call)];
    await waitUntil("both are served", () => host.served.length === 2);
    await host.close();
    assert.deepEqual(await Promise.all(answers), [
      { op: "one", p: large },
      { op: "two", p: large },
    ]);
  });
});
