// The two ends of a link wired together through the codec: what one sends crosses as bytes and text only.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "../errors.ts";
import type { ChannelEvents, HubEndOptions } from "./hub-end.ts";
import {
  FRAME_MAX_BYTES,
  HubEnd,
  jsonText,
  MalformedFrame,
  PreparedJson,
  WorkerEnd,
  type WorkerEndOptions,
} from "./index.ts";

const actor = { principal: "local", kind: "human", face: "test" } as const;
const call = { actor, via: [], deadlineMs: 60_000 };
const silent: ChannelEvents = { closed: () => {} };

function wired(parts: { serve?: WorkerEndOptions["serve"]; hub?: Partial<HubEndOptions>; generation?: number } = {}) {
  const largest = { text: 0, binary: 0 };
  const carry = (to: () => { receive(data: string | Uint8Array): void }) => ({
    send: (data: string | Uint8Array) => {
      if (typeof data === "string") largest.text = Math.max(largest.text, data.length);
      else largest.binary = Math.max(largest.binary, data.byteLength);
      to().receive(typeof data === "string" ? data : data.slice());
    },
    bufferedBytes: () => 0,
    close: () => {},
  });
  const acked: number[] = [];
  const worker: WorkerEnd = new WorkerEnd({
    carrier: carry(() => hub),
    linkGeneration: 2,
    serve: parts.serve ?? (async (op, p) => ({ op, p })),
    onAck: (seq) => acked.push(seq),
    onDefect: () => {},
  });
  const hub: HubEnd = new HubEnd({
    carrier: carry(() => worker),
    linkGeneration: parts.generation ?? 2,
    peerName: "test host",
    server: "test",
    onInventory: () => {},
    onEvent: () => {},
    onChanged: () => {},
    ...parts.hub,
  });
  return { hub, worker, acked, largest };
}

describe("a link", () => {
  it("knows when all is answered but what waits for something to happen", async () => {
    const ending = Promise.withResolvers<void>();
    const { hub, worker } = wired({ serve: (op) => (op === "sessions.wait" ? new Promise(() => {}) : ending.promise) });
    void hub.request("sessions.wait", {}, call).catch(() => {});
    await worker.answered();
    const killed = hub.request("sessions.kill", {}, call);
    let isAnswered = false;
    const answered = worker.answered().then(() => {
      isAnswered = true;
    });
    await new Promise(setImmediate);
    assert.equal(isAnswered, false);
    ending.resolve();
    await Promise.all([answered, killed]);
    // What waits for ever would keep this process until its deadline.
    hub.closed();
  });

  it("has 4096 requests open, 512 of which do not wait, and refuses more with channel_full", async () => {
    const over = Promise.withResolvers<string>();
    const { hub } = wired({ serve: () => over.promise });
    const open = (op: string, count: number) => Array.from({ length: count }, () => hub.request(op, {}, call));
    const refused = (asked: Promise<unknown>) => assert.rejects(asked, { code: "channel_full" });
    const waits = open("sessions.wait", 4_096 - 512);
    await Promise.all(open("sessions.wait", 3).map(refused));
    const works = open("sessions.screen", 512);
    await Promise.all([...open("sessions.screen", 1), ...open("sessions.wait", 1)].map(refused));
    over.resolve("over");
    await Promise.all([...waits, ...works]);
    assert.equal(await hub.request("sessions.wait", {}, call), "over");
  });

  it("answers each request once, by its id, with who asked", async () => {
    const { hub } = wired({ serve: async (op, p, context) => ({ op, p, by: context.actor.principal }) });
    const answers = await Promise.all([hub.request("a", 1, call), hub.request("b", { x: "é" }, call)]);
    assert.deepEqual(answers, [
      { op: "a", p: 1, by: "local" },
      { op: "b", p: { x: "é" }, by: "local" },
    ]);
  });

  it("passes a prepared answer on as the value that it stands for", async () => {
    const { hub } = wired({ serve: async () => PreparedJson.of({ rows: [1, 2] }) });
    assert.deepEqual(await hub.request("a", null, call), { rows: [1, 2] });
  });

  it("brings a long prepared answer as it is to who only passes it on, and as its value to everybody else", async () => {
    const value = { rows: ["ä}".repeat(200_000)] };
    const { hub } = wired({ serve: async () => PreparedJson.of(value) });
    const passedOn = await hub.request("a", null, { ...call, passesOn: true });
    assert.ok(passedOn instanceof PreparedJson);
    assert.equal(passedOn.text, JSON.stringify(value));
    assert.deepEqual(await hub.request("a", null, call), value);
    const unprepared = wired({ serve: async () => value });
    assert.deepEqual(JSON.parse(jsonText(await unprepared.hub.request("a", null, { ...call, passesOn: true }))), value);
    const refusing = wired({ serve: async () => "x".repeat(33 * 1024 * 1024) });
    await assert.rejects(refusing.hub.request("a", null, { ...call, passesOn: true }), {
      code: "resource_limit_reached",
    });
  });

  it("brings refusals over as they are, and defects without their cause", async () => {
    const refusal = new FleettyError("session_not_found", "session x not found", { server: "web-1" });
    const refusing = wired({ serve: () => Promise.reject(refusal) });
    await assert.rejects(refusing.hub.request("a", 1, call), {
      code: "session_not_found",
      details: { server: "web-1" },
    });
    const broken = wired({ serve: () => Promise.reject(new Error("secret detail")) });
    await assert.rejects(broken.hub.request("a", 1, call), (error: FleettyError) => {
      return error.code === "internal_error" && !JSON.stringify(error.toWire()).includes("secret");
    });
  });

  it("carries a message of many megabytes in frames of a quarter megabyte", async () => {
    const { hub, largest } = wired();
    const text = "ä\u{1f600}x".repeat(1_000_000);
    const answer = (await hub.request("echo", text, call)) as { p: string };
    assert.equal(answer.p, text);
    assert.ok(largest.binary <= 256 * 1024 && largest.text <= 256 * 1024, JSON.stringify(largest));
  });

  it("refuses an answer that is longer than a message may be, and goes on", async () => {
    const { hub } = wired({ serve: async (op) => (op === "all" ? "x".repeat(33 * 1024 * 1024) : "less") });
    await assert.rejects(hub.request("all", 1, call), { code: "resource_limit_reached", message: /all.*32 MiB/ });
    assert.equal(await hub.request("some", 1, call), "less");
  });

  it("refuses the requests of an earlier link", async () => {
    const { hub } = wired({ generation: 1 });
    await assert.rejects(hub.request("a", 1, call), { code: "stale_generation", details: { may_have_run: false } });
  });

  it("tells a waiting handler that its caller has gone", async () => {
    const { hub } = wired({
      serve: (_op, _p, { caller }) =>
        new Promise((_resolve, reject) =>
          caller.signal.addEventListener("abort", () => reject(new FleettyError("cancelled", "gone"))),
        ),
    });
    const controller = new AbortController();
    const asked = hub.request("wait", 1, { ...call, signal: controller.signal });
    controller.abort();
    await assert.rejects(asked, { code: "cancelled" });
  });

  it("says server_timeout when no answer comes, and whether it may have run", async () => {
    const { hub } = wired({ serve: () => new Promise(() => {}) });
    await assert.rejects(hub.request("a", 1, { ...call, deadlineMs: 1 }), {
      code: "server_timeout",
      details: { server: "test", may_have_run: "unknown" },
    });
  });

  it("tells the handler of a request that was given up for its silence", async () => {
    const gone = Promise.withResolvers<void>();
    const { hub } = wired({
      serve: (_op, _p, { caller }) =>
        new Promise(() => caller.signal.addEventListener("abort", () => gone.resolve(), { once: true })),
    });
    await assert.rejects(hub.request("wait", 1, { ...call, deadlineMs: 1 }), { code: "server_timeout" });
    await gone.promise;
  });

  it("refuses whatever waits when it is lost, and tells every channel", async () => {
    const { hub } = wired({ serve: () => new Promise(() => {}) });
    const closed: string[] = [];
    hub.openChannel({ closed: (reason) => closed.push(reason) });
    const changing = hub.request("a", 1, call);
    const reading = hub.request("b", 1, { ...call, reads: true });
    hub.closed();
    await assert.rejects(changing, {
      code: "server_unavailable",
      details: { server: "test", reason: "closed", may_have_run: "unknown" },
    });
    await assert.rejects(reading, { details: { server: "test", reason: "closed", may_have_run: false } });
    await assert.rejects(hub.request("c", 1, call), { code: "server_unavailable" });
    assert.deepEqual(closed, ["link lost"]);
  });

  it("tells every channel of the answering end that its socket has sent what it held, until that ends", () => {
    const { worker } = wired();
    const told: string[] = [];
    worker.openChannel(1, { closed: () => {}, drained: () => told.push("first") });
    worker.openChannel(2, { closed: () => {}, drained: () => told.push("second") });
    worker.openChannel(3, { closed: () => {} });
    worker.drained();
    worker.closeChannel(1, "session ended");
    worker.drained();
    assert.deepEqual(told, ["first", "second", "second"]);
  });

  it("hands each channel its own frames, in order", () => {
    const { hub, worker } = wired();
    const seen: unknown[] = [];
    const ch = hub.openChannel({
      ...silent,
      output: (offset, bytes) => seen.push([offset, Buffer.from(bytes).toString()]),
      gap: (from, to, reason) => seen.push([from, to, reason]),
      exit: (exit, offset) => seen.push([exit, offset]),
      closed: (reason) => seen.push(reason),
    });
    worker.sendBinary({ type: "output", flags: 0, channel: ch, offset: 2 ** 40, payload: Buffer.from("ready") });
    worker.sendBinary({ type: "output", flags: 0, channel: ch + 1, offset: 0, payload: Buffer.from("not mine") });
    worker.send({ type: "gap", ch, from: 1, to: 9, reason: "skipped" });
    worker.send({ type: "exit", ch, exit: { code: 0 }, offset: 9 });
    worker.send({ type: "closed", ch, reason: "session ended" });
    assert.deepEqual(seen, [[2 ** 40, "ready"], [1, 9, "skipped"], [{ code: 0 }, 9], "session ended"]);
  });

  it("ignores and counts a message type that it does not know, and drops unknown fields", async () => {
    const { hub, worker } = wired();
    hub.receive(JSON.stringify({ type: "from_the_future", x: 1 }));
    hub.receive(new Uint8Array(16).fill(99));
    worker.receive(JSON.stringify({ type: "ack", seq: 3, novelty: true }));
    assert.deepEqual(await hub.request("a", 1, call), { op: "a", p: 1 });
  });

  it("ends at a broken body of a known type, at no JSON, at a short binary frame and at a hole between parts", () => {
    const { hub } = wired();
    const part = (offset: number) => {
      const bytes = new Uint8Array(20);
      bytes[0] = 6;
      bytes[7] = 1;
      bytes[15] = offset;
      return bytes;
    };
    for (const data of [JSON.stringify({ type: "res", id: "x" }), "{", "[]", new Uint8Array(3), part(7)]) {
      assert.throws(() => hub.receive(data), MalformedFrame);
    }
  });

  it("bounds the messages in parts that are open at once", () => {
    const { hub } = wired();
    const begin = (channel: number) => {
      const bytes = new Uint8Array(20);
      bytes[0] = 6;
      bytes[7] = channel;
      return bytes;
    };
    for (let channel = 1; channel <= 8; channel += 1) hub.receive(begin(channel));
    assert.throws(() => hub.receive(begin(9)), MalformedFrame);
    assert.equal(FRAME_MAX_BYTES, 1_048_576);
  });
});
