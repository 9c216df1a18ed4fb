// The suite that every WorkerPort passes, whatever lies between it and its sessions: calls by name, streams, numbered inputs
// and events. Knows no implementation: it is handed a function that opens one.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AnyEvent } from "@fleetty/protocol/events";
import { makeId } from "@fleetty/protocol/ids";
import { type Call, type ChannelEvents, PreparedJson } from "@fleetty/protocol/link";
import type { LinkOperationName, OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Screen, SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { fixture } from "../../../../tests/harness/programs.ts";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";

/** A port with nothing on it. Disposing of it ends its sessions. */
export interface OpenPort extends AsyncDisposable {
  readonly port: WorkerPort;
}

const call: Call = {
  actor: { principal: "local", kind: "human", face: "test" },
  via: [],
  deadlineMs: 60_000,
};

/** What came on one channel, in order. */
class Channel implements ChannelEvents {
  readonly told: string[] = [];
  bytes = Buffer.alloc(0);
  /** Offset of the next byte; null before the first. */
  end: number | null = null;
  writtenUpto = 0;

  output(offset: number, bytes: Uint8Array): void {
    if (this.end !== null) assert.equal(offset, this.end, "a hole or a repetition");
    this.bytes = Buffer.concat([this.bytes, bytes]);
    this.end = offset + bytes.byteLength;
  }

  written(upto: number): void {
    this.writtenUpto = upto;
  }

  exit(exit: unknown, offset: number): void {
    this.told.push(`exit ${JSON.stringify(exit)} at ${offset}`);
  }

  failed(number: number | undefined, { code }: { code: string }): void {
    this.told.push(`${number} failed: ${code}`);
  }

  closed(reason: string): void {
    this.told.push(`closed: ${reason}`);
  }
}

export function workerPortSuite(name: string, open: () => Promise<OpenPort>): void {
  describe(`a worker port: ${name}`, () => {
    let opened: OpenPort;
    let port: WorkerPort;
    const events: AnyEvent[] = [];
    let deafen = () => {};

    before(async () => {
      opened = await open();
      port = opened.port;
      deafen = port.events((event) => events.push(event));
    });
    after(async () => {
      deafen();
      await opened[Symbol.asyncDispose]();
    });

    async function ask<Name extends LinkOperationName>(
      op: Name,
      input: OperationInput<Name>,
      more: Partial<Call> = {},
    ) {
      const answer = await port.call(op, input, { ...call, ...more });
      return (answer instanceof PreparedJson ? answer.toJSON() : answer) as OperationOutput<Name>;
    }

    async function start(argv: readonly string[], more: Partial<OperationInput<"sessions.start">> = {}) {
      return (await ask("sessions.start", { id: makeId("ses"), argv: [...argv], ...more })) as SessionInfo;
    }

    /** A program that prints what it is told to print; it has said that it is ready. */
    async function startSaying(): Promise<SessionInfo> {
      const info = await start([fixture("say")]);
      const until = { pattern: { regex: "ready", on: "output" as const } };
      await ask("sessions.wait", { session: info.id, since: { offset: 0 }, until } as never);
      return info;
    }

    const type = (session: string, text: string) =>
      ask("sessions.input", { session, data: Buffer.from(text).toString("base64") } as never);

    /** What it wants may be told between, or too late to be told. */
    const typesOf = (id: string) =>
      events.flatMap(({ type, session }) => (session.id === id && type !== "session.attention" ? [type] : []));

    it("starts a session once, however often it is asked for under one id", async () => {
      const id = makeId("ses");
      const first = await start([fixture("say")], { id, name: "once", tags: ["a"] });
      const again = await start([fixture("say")], { id, name: "once", tags: ["a"] });
      assert.deepEqual([first.id, first.name, first.state, again.pid], [id, "once", "running", first.pid]);
      const listed = await ask("sessions.list", { tag: ["a"] });
      assert.deepEqual(
        (listed as SessionInfo[]).map((info) => info.pid),
        [first.pid],
      );
      assert.equal(((await ask("sessions.get", { session: "once" })) as SessionInfo).id, id);
    });

    it("refuses in the words of the catalogue, as they were said", async () => {
      await start([fixture("say")], { name: "taken" });
      await assert.rejects(start([fixture("say")], { name: "taken" }), { code: "session_name_conflict" });
      await assert.rejects(ask("sessions.get", { session: "nobody" }), { code: "session_not_found" });
      await assert.rejects(start(["/no/such/program"]), { code: "session_create_failed" });
      await assert.rejects(ask("sessions.levitate" as "sessions.get", { session: "taken" }), {
        code: "unsupported",
        details: { capability: "sessions.levitate" },
      });
    });

    it("shows the screen that the output makes, and no older one", async () => {
      const { id } = await startSaying();
      for (const word of ["one", "two", "three"]) {
        await type(id, `${word}\\n\n`);
        const until = { pattern: { regex: word, on: "output" as const } };
        await ask("sessions.wait", { session: id, since: { offset: 0 }, until } as never);
        const { lines } = (await ask("sessions.screen", { session: id, format: "plain" })) as Screen;
        assert.ok(lines.flat().includes(word), JSON.stringify(lines));
      }
    });

    it("streams each byte once from any offset, then the exit, then the end", async () => {
      const { id } = await startSaying();
      const whole = new Channel();
      const opening = await port.stream({ session: id, from: 0, pace: false }, whole, call);
      assert.equal(opening.offset, 0);
      await type(id, "abc\ndef\n");
      await waitUntil("all is printed", () => whole.bytes.includes("abcdef"), { seen: () => String(whole.bytes) });
      const late = new Channel();
      const from = whole.bytes.indexOf("def");
      await port.stream({ session: id, from, pace: false }, late, call);
      await type(id, "exit 3\n");
      await waitUntil("both have ended", () => whole.told.length > 1 && late.told.length > 1, {
        seen: () => late.told,
      });
      assert.equal(String(late.bytes), String(whole.bytes.subarray(from)));
      for (const { told } of [whole, late]) {
        assert.equal(told[0], `exit {"code":3} at ${whole.end}`);
        assert.match(told[1] as string, /^closed: /);
        assert.equal(told.length, 2);
      }
    });

    it("streams from now on, in the size that is told, and nothing after it was closed", async () => {
      const { id } = await startSaying();
      await ask("sessions.resize", { session: id, rows: 11, cols: 44 });
      const { offset: end } = (await ask("sessions.get", { session: id })) as SessionInfo;
      const channel = new Channel();
      const opening = await port.stream({ session: id, from: "now", pace: false }, channel, call);
      assert.deepEqual([opening.offset, opening.rows, opening.cols], [end, 11, 44]);
      await type(id, "more\n");
      await waitUntil("it has come", () => String(channel.bytes) === "more", { seen: () => String(channel.bytes) });
      opening.close();
      await type(id, "unheard\n");
      const until = { pattern: { regex: "unheard", on: "output" as const } };
      await ask("sessions.wait", { session: id, since: { offset: 0 }, until } as never);
      assert.equal(String(channel.bytes), "more");
    });

    it("sends no output on a quiet stream, whatever is printed, and the exit", async () => {
      const { id } = await startSaying();
      const channel = new Channel();
      await port.stream({ session: id, from: "now", pace: false, quiet: true }, channel, call);
      await type(id, "unheard\n");
      await type(id, "exit 3\n");
      await waitUntil("it has ended", () => channel.told.length > 1, { seen: () => channel.told });
      const { offset } = (await ask("sessions.get", { session: id })) as SessionInfo;
      assert.deepEqual([channel.bytes.length, channel.told[0]], [0, `exit {"code":3} at ${offset}`]);
    });

    it("refuses a stream from an offset that is not printed yet, and of no session", async () => {
      const { id } = await startSaying();
      const request = { session: id, from: 10 ** 9, pace: false };
      await assert.rejects(port.stream(request, new Channel(), call), { code: "invalid_request" });
      const nobody = { session: "nobody", from: 0, pace: false };
      await assert.rejects(port.stream(nobody, new Channel(), call), { code: "session_not_found" });
    });

    it("writes numbered inputs once and in order, goes on where a client was, and ends at a hole", async () => {
      const { id } = await startSaying();
      const first = new Channel();
      const opening = await port.input({ session: id, client: "c" }, first, call);
      assert.equal(opening.next, 1);
      opening.send(1, Buffer.from("a\n"));
      opening.send(2, Buffer.from("b\n"));
      await waitUntil("both are written", () => first.writtenUpto === 2, { seen: () => first });
      opening.close();
      const second = new Channel();
      const again = await port.input({ session: id, client: "c" }, second, call);
      assert.equal(again.next, 3);
      again.send(2, Buffer.from("b\n"));
      again.send(3, Buffer.from("c\n"));
      await waitUntil("it is written", () => second.writtenUpto === 3, { seen: () => second });
      again.send(9, Buffer.from("z\n"));
      await waitUntil("the hole is seen", () => second.told.length > 0);
      assert.deepEqual(second.told, ["closed: input_gap"]);
      const until = { pattern: { regex: "abc", on: "output" as const } };
      const waited = await ask("sessions.wait", { session: id, since: { offset: 0 }, until } as never);
      assert.equal((waited as { reason: string }).reason, "pattern");
      const { text } = (await ask("sessions.output", { session: id, format: "text" } as never)) as { text?: string };
      assert.doesNotMatch(String(text), /bb|z/);
    });

    it("tells what passes in a session to who asks for it: each once, in order, and its end after the last", async () => {
      const { id } = await start(["bash"]);
      await ask("sessions.run", { session: id, command: "true" } as never);
      const follow = (after: number, kinds: ("command" | "attention")[]) =>
        ask("sessions.notices", { session: id, after, kinds, max_wait_ms: 20_000 });
      const wish = { session: id, kinds: ["command" as const], max_wait_ms: 20_000 };
      const begin = await ask("sessions.notices", wish);
      assert.deepEqual([begin.missed, begin.notices], [0, []]);
      await ask("sessions.run", { session: id, command: "(exit 3)" } as never);
      await type(id, "sleep 100\n");
      const told: Extract<OperationOutput<"sessions.notices">["notices"][number], { kind: "command" }>[] = [];
      for (let { seq } = begin; told.length < 3; ) {
        const answer = await follow(seq, ["command"]);
        assert.ok(answer.seq > seq, "nothing has passed");
        seq = answer.seq;
        for (const one of answer.notices) if (one.kind === "command") told.push(one);
      }
      const [started, ended, next] = told;
      assert.deepEqual(
        told.map(({ phase, exit_code }) => [phase, exit_code]),
        [
          ["started", undefined],
          ["ended", 3],
          ["started", undefined],
        ],
      );
      assert.equal(started?.id, ended?.id);
      assert.notEqual(started?.id, next?.id);
      assert.equal((await follow(1_000_000, ["command"])).missed, 1, "a number of another life");
      const silence = follow((await ask("sessions.notices", wish)).seq, ["command"]);
      await ask("sessions.kill", { session: id });
      // The shell may outlive its command long enough to say that it has ended.
      let last = await silence;
      while (!last.ended) last = await follow(last.seq, ["command"]);
      assert.ok("signal" in (last.ended.exit ?? {}), JSON.stringify(last));
      assert.deepEqual((await follow(last.seq, ["command"])).ended, last.ended);
      assert.ok((await follow(0, ["command"])).notices.length >= 3);
    });

    it("keeps captured keystrokes of an attach client from the program, once, and tells them to who follows", async () => {
      const { id } = await startSaying();
      const wish = { session: id, kinds: ["input" as const], max_wait_ms: 20_000 };
      const { seq: after } = await ask("sessions.notices", wish);
      await ask("sessions.capture", { session: id });
      const first = new Channel();
      const opening = await port.input({ session: id, client: "c", attach: true }, first, call);
      opening.send(1, Buffer.from("y"));
      await waitUntil("it is acknowledged", () => first.writtenUpto === 1, { seen: () => first });
      opening.close();
      const second = new Channel();
      const again = await port.input({ session: id, client: "c", attach: true }, second, call);
      assert.equal(again.next, 2);
      again.send(1, Buffer.from("y"));
      again.send(2, Buffer.from("\x1c"));
      again.send(3, Buffer.from("typed\n"));
      await waitUntil("all is acknowledged", () => second.writtenUpto === 3, { seen: () => second });
      const until = { pattern: { regex: "typed", on: "output" as const } };
      await ask("sessions.wait", { session: id, since: { offset: 0 }, until } as never);
      const { text } = (await ask("sessions.output", { session: id, format: "text" } as never)) as { text?: string };
      assert.equal(text, "ready\ntyped");
      const { notices } = await ask("sessions.notices", { ...wish, after });
      assert.deepEqual(
        notices.map((one) => one.kind === "input" && one.mode === "capture" && one.parsed?.key),
        ["y"],
      );
    });

    it("lets go of a wait whose caller has gone", async () => {
      const { id } = await startSaying();
      const gone = new AbortController();
      const waiting = ask("sessions.wait", { session: id, until: { exit: true } } as never, { signal: gone.signal });
      gone.abort();
      await assert.rejects(waiting, { code: "cancelled" });
      await assert.rejects(ask("sessions.get", { session: id }, { signal: gone.signal }), { code: "cancelled" });
    });

    it("tells of a session's life in order, and answers of what has ended as of what lives", async () => {
      const { id, name } = await startSaying();
      await type(id, "last words\n");
      await type(id, "exit 5\n");
      const end = (await ask("sessions.wait", { session: id } as never)) as { reason: string; exit: unknown };
      assert.deepEqual([end.reason, end.exit], ["exit", { code: 5 }]);
      await waitUntil("its end is told", () => typesOf(id).length === 2, { seen: () => typesOf(id) });
      const ended = (await ask("sessions.get", { session: name })) as SessionInfo;
      assert.deepEqual([ended.id, ended.state, ended.exit], [id, "exited", { code: 5 }]);
      const { lines } = (await ask("sessions.screen", { session: id, format: "plain" })) as Screen;
      assert.ok(lines.flat().some((line) => String(line).includes("last words")));
      await assert.rejects(type(id, "x"), { code: "session_exited" });
      const request = { session: id, from: 0, pace: false };
      await assert.rejects(port.stream(request, new Channel(), call), { code: "session_exited" });
      await assert.rejects(port.input({ session: id, client: "c" }, new Channel(), call), { code: "session_exited" });
      await ask("sessions.kill", { session: id });
      await waitUntil("its removal is told", () => typesOf(id).length === 3, { seen: () => typesOf(id) });
      assert.deepEqual(typesOf(id), ["session.created", "session.exited", "session.removed"]);
      await assert.rejects(ask("sessions.get", { session: id }), { code: "session_not_found" });
    });

    it("ends a session when its kill is answered", async () => {
      const { id, name } = await startSaying();
      await ask("sessions.kill", { session: name });
      const { state, end_reason } = (await ask("sessions.get", { session: id })) as SessionInfo;
      assert.deepEqual([state, end_reason], ["exited", "killed"]);
      await assert.rejects(ask("sessions.get", { session: name }), { code: "session_not_found" });
      await waitUntil("its end is told", () => typesOf(id).length === 2, { seen: () => typesOf(id) });
      assert.deepEqual(typesOf(id), ["session.created", "session.exited"]);
    });
  });
}
