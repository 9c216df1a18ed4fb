// Every refusal that a row of the table declares and that the state of a session host, a terminal or a disk provokes: row by
// row, over a hub and a worker in this process with a real session host, which is frozen, overloaded and killed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OperationName, operations } from "@fleetty/protocol/operations";
import { call } from "@fleetty/worker/worker/worker-harness";
import { asking } from "./harness/asking.ts";
import { assertEach, type Cells, elsewhere, plainly } from "./harness/declared.ts";
import { JsonClient, type Message } from "./harness/json-client.ts";
import { OwnServer } from "./harness/own-server.ts";
import { kill } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Instead of the 10 s and more that a link grants. */
const IMPATIENT_MS = 300;
/** Requests that one link may have open, less those places that are not for what waits. */
const WAITING_MAX = 4_096 - 512;
/** Largest body of a request; eight are as much as may wait for a terminal. */
const MIB = 1_048_576;

const WORK = { in: "packages/protocol/src/link/link.test.ts", because: "what does not wait is soon answered" };
const NO_HOST = { in: "tests/refusals-fleet.test.ts", because: "no session host is asked" };

describe("a session host", () => {
  it("that is frozen lets every row time out, and turns viewers away from a server that stops meanwhile", async () => {
    await using server = await OwnServer.open();
    await server.start("live", [fixture("read-nothing")]);
    const { host } = server;
    kill(host, "SIGSTOP");
    try {
      server.patienceMs = IMPATIENT_MS;
      const refused = await assertEach("server_timeout", server.where, {
        ...plainly("server_timeout", "live"),
        "server.info": { in: "tests/refusals-fleet.test.ts", because: "of this server nobody has to wait for it" },
        "server.persist_get": NO_HOST,
        "server.persist": NO_HOST,
        "servers.capabilities": NO_HOST,
        "sessions.list": { in: "tests/refusals-fleet.test.ts", because: "a list of this server does not wait" },
        "secrets.set": NO_HOST,
        "secrets.list": NO_HOST,
        "secrets.remove": NO_HOST,
      });
      assert.ok(refused.every(({ message }) => message.includes("session host")));
      server.patienceMs = null;
      const before = server.asked.length;
      const watching = server.ask(asking["sessions.watch"]("live"));
      const observing = server.ask(asking["sessions.socket"]("live"));
      await waitUntil("its session is asked for", () => server.asked.length > before + 1);
      const closed = server.faces.close(10_000);
      kill(host, "SIGCONT");
      await assertEach("not_ready", server.where, {
        "sessions.watch": () => watching,
        "sessions.socket": () => observing,
        "fleet.socket": { in: "tests/json-sockets.test.ts", because: "it asks no host, and so is open at once" },
        "ready.get": { in: "tests/probes.test.ts", because: "its store and its hosts are a real server's" },
      });
      await closed;
    } finally {
      kill(host, "SIGCONT");
    }
  });

  it("that has too many waits open takes no more of them, and is seen and typed to all the same", async () => {
    await using server = await OwnServer.open();
    const id = await server.start("live", [fixture("read-nothing")]);
    const over = new AbortController();
    const waiting = Array.from({ length: WAITING_MAX }, () =>
      server.worker.worker.call("sessions.wait", { session: id }, { ...call, signal: over.signal }).catch(() => {}),
    );
    const cells = Object.entries(plainly("channel_full", "live")).map(([name, cell]) => {
      return [name, operations[name as OperationName].blocks ? cell : WORK];
    });
    await assertEach("channel_full", server.where, Object.fromEntries(cells) as Cells<"channel_full">);
    const seen = async () => (await server.ask(asking["sessions.screen"]("live"))).status;
    assert.equal(await seen(), 200);
    over.abort();
    await Promise.all(waiting);
    assert.equal(await seen(), 200);
  });

  it("that dies takes with it what it was asked, and the screens of its sessions", async () => {
    await using server = await OwnServer.open();
    await server.start("live", [fixture("read-nothing")]);
    kill(server.host, "SIGSTOP");
    const before = server.asked.length;
    const creating = server.ask(asking["sessions.create"](""));
    await waitUntil("it is asked for a session", () => server.asked.length > before);
    await server.killHost();
    const unreached = { in: "tests/other-versions.test.ts", because: "a host that lives and cannot be spoken to" };
    await assertEach("server_unavailable", server.where, {
      ...elsewhere("server_unavailable", unreached),
      "sessions.create": () => creating,
    });
    await assertEach("parser_unavailable", server.where, plainly("parser_unavailable", "live"));
  });
});

/** Resolves with how the session's own JSON WebSocket refuses it. */
async function typeOnSocket(server: OwnServer, session: string, data: string): Promise<Message> {
  const client = await JsonClient.open(server.where.socketPath, `/sessions/${session}/ws/json`);
  const refusal = await client.refusal("send_input", { data });
  client.close();
  return refusal;
}

describe("a terminal", () => {
  /** Under an id of its own, into a session of its own, more than its terminal takes. */
  const tooMuch = "x\n".repeat(300_000);
  const typed: Cells<"input_send_failed"> = {
    "sessions.input": { path: "/sessions/input/input?input_id=much", body: tooMuch },
    "sessions.keys": { path: "/sessions/keys/keys", body: { keys: [{ text: tooMuch }], input_id: "much" } },
    "sessions.paste": { path: "/sessions/paste/paste", body: { text: tooMuch, input_id: "much" } },
    "sessions.run": { in: "packages/worker/src/session/typing.test.ts", because: "a shell at its prompt takes it all" },
    "sessions.secret": {
      in: "packages/worker/src/session/secret-typing.test.ts",
      because: "a secret is short: only a part of it is taken where hardly anything has room",
    },
  };

  it("whose program does not read takes part of what is typed, and is in doubt ever after", async () => {
    await using server = await OwnServer.open();
    const accepted = async (name: string) => (await server.ask(asking["sessions.get"](name))).json.generation;
    for (const name of ["input", "keys", "paste", "queue", "socket", "ended"]) {
      await server.start(name, [fixture("read-nothing")], { ready: "ready" });
    }
    const atFirst = await accepted("ended");
    const late = typeOnSocket(server, "socket", tooMuch);
    const cut = typeOnSocket(server, "ended", tooMuch);
    await waitUntil("it waits for the terminal that ends", async () => (await accepted("ended")) > atFirst);
    await server.ask(asking["sessions.kill"]("ended"));
    const before = await accepted("queue");
    const queued = Array.from({ length: 8 }, () =>
      server.ask({ path: "/sessions/queue/input", body: Buffer.alloc(MIB, "x") }),
    );
    const refusing = assertEach("input_send_failed", server.where, typed);
    await waitUntil(
      "all of it waits for the terminal",
      async () => (await accepted("queue")) >= before + queued.length,
    );
    for (const name of ["sessions.input", "sessions.keys", "sessions.paste"] as const) {
      const { details } = assertRefused(await server.ask(asking[name]("queue")), "channel_full");
      assert.equal(details["may_have_run"], false);
    }
    for (const { details } of await refusing) {
      assert.ok(Number(details["written"]) > 0 && details["may_have_run"] === true, JSON.stringify(details));
    }
    await assertEach("input_in_doubt", server.where, typed);
    for (const answer of await Promise.all(queued)) assertRefused(answer, "input_send_failed");
    const refusals = (await Promise.all([late, cut])).map(({ code, details }) => [code, details.written > 0]);
    assert.deepEqual(refusals, [
      ["input_send_timeout", true],
      ["input_send_failed", true],
    ]);
  });
});

describe("a limit", () => {
  it("of an answer, of the disk, and of what the server counts", async () => {
    await using server = await OwnServer.open();
    const size = { cols: 1_000, rows: 250, ready: "painted" };
    await server.start("large", [process.execPath, fixture("paint-unlike.ts")], size);
    await server.start("over", ["/bin/true"]);
    await server.ask(asking["sessions.wait"]("over"));
    server.worker.disk = "is full";
    const authority = { in: "packages/hub/src/auth/authority.test.ts", because: "a thousand requests show no more" };
    const tokens = { in: "packages/hub/src/auth/named-tokens.test.ts", because: "the disk is the store's" };
    const elements = { in: "packages/worker/src/elements/element-store.test.ts", because: "hundreds show no more" };
    const waits = { in: "packages/hub/src/verbs.test.ts", because: "a thousand waits show no more" };
    const records = { in: "packages/hub/src/waits/wait-records.test.ts", because: "a thousand records show no more" };
    await assertEach("resource_limit_reached", server.where, {
      "sessions.overlays.create": elements,
      "sessions.panels.create": elements,
      "sessions.lease": waits,
      "sessions.secret": waits,
      "sessions.idle_any": records,
      "fleet.wait": records,
      "sessions.screen": asking["sessions.screen"]("large"),
      "sessions.idle": asking["sessions.idle"]("large"),
      "sessions.wait": { path: "/sessions/large/wait", body: { until: { idle: { timeout_ms: 0 } }, screen: "styled" } },
      "sessions.run": { in: "tests/run.test.ts", because: "the screen is attached as that of a wait" },
      "sessions.update": asking["sessions.update"]("over"),
      "sessions.kill": asking["sessions.kill"]("over"),
      "sessions.create": { in: "packages/hub/src/keyed-calls.test.ts", because: "the keys are the store's" },
      "sessions.watch": { in: "tests/watching.test.ts", because: "the limit is an operator's" },
      "sessions.socket": { in: "tests/watching.test.ts", because: "so is that of all who watch" },
      "fleet.socket": { in: "packages/hub/src/events/event-feed.test.ts", because: "what is followed has no host" },
      "server.reload": { in: "packages/hub/src/fleet/dial-rules.test.ts", because: "so are the members" },
      "events.stream": { in: "packages/hub/src/events/event-feed.test.ts", because: "what is followed has no host" },
      "servers.add": { in: "packages/hub/src/fleet/fleet.test.ts", because: "ten thousand members show no more" },
      "tokens.create": tokens,
      "secrets.set": { in: "packages/worker/src/secrets/secrets.test.ts", because: "a thousand secrets show no more" },
      "tokens.remove": tokens,
      "servers.join_code": {
        in: "packages/hub/src/fleet/join-codes.test.ts",
        because: "a thousand codes show no more",
      },
      "auth.ws_ticket": authority,
      "auth.login_ticket": authority,
      "auth.session": authority,
    });
    server.worker.disk = "works";
    assert.equal((await server.ask(asking["sessions.kill"]("over"))).status, 204);
  });
});

describe("a process", () => {
  it("that nothing ends keeps its session", async () => {
    const nowhere = { socketPath: "" };
    await assertEach("still_running", nowhere, {
      "sessions.kill": { in: "packages/worker/src/session/session.test.ts", because: "root ends every process" },
    });
  });
});
