// Two ends of a link over sockets that are slow: what is long goes out part by part, and what is short goes between its parts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BinaryFrame, decodeBinary, HubEnd, WorkerEnd } from "./index.ts";
import { PART_BYTES } from "./parts.ts";

const call = { actor: { principal: "local", kind: "human", face: "test" }, via: [], deadlineMs: 60_000 } as const;
/** Longer than three parts and shorter than four. */
const LONG = "x".repeat(PART_BYTES * 3.5);

/** A socket that holds what it is given until it is told to send it; then it says that there is room. */
class SlowSocket {
  readonly sent: string[] = [];
  readonly #from: () => { drained(): void };
  readonly #to: () => { receive(data: string | Uint8Array): void };
  #held: (string | Uint8Array)[] = [];

  constructor(from: () => { drained(): void }, to: () => { receive(data: string | Uint8Array): void }) {
    this.#from = from;
    this.#to = to;
  }

  get carrier() {
    return {
      send: (data: string | Uint8Array) => {
        this.sent.push(nameOf(data));
        this.#held.push(typeof data === "string" ? data : data.slice());
      },
      bufferedBytes: () => this.#held.reduce((sum, { length }) => sum + length, 0),
      close: () => {},
    };
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  send(): void {
    for (const data of this.#held.splice(0)) this.#to().receive(data);
    this.#from().drained();
  }
}

/** `part 3`, `output 1`, or the type of a text. */
function nameOf(data: string | Uint8Array): string {
  if (typeof data === "string") return JSON.parse(data).type;
  const { type, channel } = decodeBinary(data) as BinaryFrame;
  return `${type} ${channel}`;
}

function wired(answer: (op: string) => unknown = (op) => op) {
  const inventories: number[] = [];
  const down = new SlowSocket(
    () => worker,
    () => hub,
  );
  const up = new SlowSocket(
    () => hub,
    () => worker,
  );
  const worker: WorkerEnd = new WorkerEnd({
    carrier: down.carrier,
    linkGeneration: 1,
    serve: async (op) => answer(op),
    onAck: () => {},
    onDefect: () => {},
  });
  const hub: HubEnd = new HubEnd({
    carrier: up.carrier,
    linkGeneration: 1,
    peerName: "test host",
    onInventory: (sessions) => inventories.push(sessions.length),
    onEvent: () => {},
    onChanged: () => {},
  });
  /** Lets both sockets send, turn by turn, until nothing is left. */
  const settle = async () => {
    for (let isQuiet = false; !isQuiet; ) {
      isQuiet = up.isEmpty && down.isEmpty;
      up.send();
      down.send();
      await new Promise(setImmediate);
    }
  };
  return { hub, worker, up, down, inventories, settle };
}

const echo = (channel: number) =>
  ({ type: "output", flags: 0, channel, offset: 0, payload: Buffer.from("k") }) as const;

describe("a long message", () => {
  it("lets everything go before its next part, and takes turns with others that are long", async () => {
    const { hub, worker, up, down, settle } = wired((op) => (op === "short" ? "s" : LONG));
    const asked = [hub.request("one", 1, call), hub.request("two", 1, call)];
    up.send();
    await new Promise(setImmediate);
    assert.deepEqual(down.sent, ["part 1"]);
    worker.sendBinary(echo(9));
    assert.deepEqual(down.sent, ["part 1", "output 9"]);
    down.send();
    asked.push(hub.request("short", 1, call));
    up.send();
    await new Promise(setImmediate);
    worker.sendBinary(echo(9));
    assert.deepEqual(down.sent.slice(2), ["part 1", "res", "output 9"]);
    await settle();
    assert.deepEqual(down.sent.slice(5), ["part 2", "part 1", "part 2", "part 1", "part 2", "part 2"]);
    assert.deepEqual(await Promise.all(asked), [LONG, LONG, "s"]);
  });

  it("goes on though others fill the socket again and again", async () => {
    const { hub, worker, up, down } = wired(() => LONG);
    const asked = hub.request("one", 1, call);
    up.send();
    await new Promise(setImmediate);
    worker.openChannel(9, {
      closed: () => {},
      drained: () => worker.sendBinary({ ...echo(9), payload: new Uint8Array(PART_BYTES) }),
    });
    for (let turn = 0; turn < 4; turn += 1) down.send();
    assert.equal(await asked, LONG);
  });

  it("that is a request lets inputs go before its next part", async () => {
    const { hub, up, settle } = wired();
    const asked = hub.request("paste", LONG, call);
    hub.sendInput(9, 1, Buffer.from("k"));
    assert.deepEqual(up.sent, ["part 1", "input 9"]);
    await settle();
    assert.equal(await asked, "paste");
    assert.deepEqual(up.sent.slice(2), ["part 1", "part 1", "part 1"]);
  });

  it("arrives whole, however many are under way, and what is told comes before what is told later", async () => {
    const { hub, worker, up, down, inventories, settle } = wired((op) => `${op} ${LONG}`);
    const asked = Array.from({ length: 20 }, (_, at) => hub.request(`${at}`, 1, call));
    up.send();
    await new Promise(setImmediate);
    const before = down.sent.length;
    worker.send({ type: "inventory", sessions: [], padding: LONG });
    worker.send({ type: "changed", session: "ses_1" });
    assert.deepEqual(down.sent.slice(before), [...Array(4).fill("part 21"), "changed"]);
    await settle();
    assert.deepEqual(inventories, [0]);
    assert.deepEqual(
      await Promise.all(asked),
      asked.map((_, at) => `${at} ${LONG}`),
    );
  });

  it("goes out in one piece when its link is about to be closed", async () => {
    const { hub, worker, up, down } = wired(() => LONG);
    const asked = [hub.request("one", 1, call), hub.request("two", 1, call)];
    up.send();
    await new Promise(setImmediate);
    worker.flush();
    assert.equal(down.sent.length, 8);
    down.send();
    assert.deepEqual(await Promise.all(asked), [LONG, LONG]);
  });

  it("ends with its link", async () => {
    const { hub, worker, up, down } = wired(() => LONG);
    void hub.request("one", 1, call).catch(() => {});
    up.send();
    await new Promise(setImmediate);
    worker.closed();
    hub.closed();
    down.send();
    assert.deepEqual(down.sent, ["part 1"]);
  });
});
