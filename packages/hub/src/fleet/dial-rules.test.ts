// Holds a fleet to the rules of dialling over its whole life: a member whose name is led elsewhere, one that the rules come to
// forbid or allow, and what of tokens reaches whom. Peers are listeners that record every byte; names lead where a test says.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SealedTexts } from "@fleetty/carrier/sealed-text";
import { ServerKey } from "@fleetty/carrier/server-key";
import { Secret } from "@fleetty/protocol/secret";
import { pino } from "pino";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { SqliteHubStore } from "../store/sqlite-hub-store.ts";
import type { ConfiguredServer } from "./configured-fleet.ts";
import { Fleet } from "./fleet.ts";
import { IpAccess, type IpAccessLists } from "./ip-access.ts";
import type { Member } from "./member.ts";
import { PinnedConnect } from "./pinned-connect.ts";
import { SharedToken } from "./token-cascade.ts";

/** Takes every byte, and answers each request with `answer`. */
class Recorder implements AsyncDisposable {
  heard = "";
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: string) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        this.heard += bytes.toString("latin1");
        if (this.heard.endsWith("\r\n\r\n")) socket.end(answer);
      });
    });
  }

  static async open(host: string, { port = 0, answer = "HTTP/1.1 401 Unauthorized\r\n\r\n" } = {}): Promise<Recorder> {
    const recorder = new Recorder(answer);
    recorder.#server.listen({ host, port });
    await once(recorder.#server, "listening");
    return recorder;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

interface Rules extends Partial<IpAccessLists> {
  readonly shared?: SharedToken;
  readonly servers?: readonly ConfiguredServer[];
}

/** A fleet without sessions of its own, in a folder of its own. `names` are looked up anew for each dial. */
class FleetAlone implements AsyncDisposable {
  readonly names = new Map<string, readonly string[]>();
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  readonly #seal = new SealedTexts(new Secret(randomBytes(32).toString("base64url")));
  readonly #key = ServerKey.fromPem(ServerKey.makePem());
  #store!: SqliteHubStore;
  fleet!: Fleet;

  static async open(rules: Rules = {}): Promise<FleetAlone> {
    const alone = new FleetAlone();
    await alone.start(rules);
    return alone;
  }

  async start(rules: Rules): Promise<void> {
    this.#store = new SqliteHubStore({ path: join(this.#folder.path, "hub.db") });
    this.fleet = await Fleet.open({
      store: this.#store,
      worker: {} as never,
      status: () => ({ slots: 4, load1: 0, os: "linux", arch: "x64" }),
      own: { id: "srv_own", startId: "own", hostname: "hub-1", key: this.#key, lostAfterMs: 30_000 },
      config: this.#config(rules),
      sealed: this.#seal,
      routeOmitted: "fleet",
      membersMax: 3,
      onJoin: () => {},
      log: pino({ enabled: false }),
    });
  }

  reload(rules: Rules) {
    return this.fleet.reload(this.#config(rules));
  }

  async stop(): Promise<void> {
    this.fleet.close();
    await this.#store.close();
  }

  /** Whether a text is anywhere in what is kept. */
  keeps(text: string): boolean {
    return ["hub.db", "hub.db-wal"].some((name) =>
      readFileSync(join(this.#folder.path, name), "latin1").includes(text),
    );
  }

  #config({ allowlist = [], blocklist = [], shared, servers = [] }: Rules) {
    const lookup = async (host: string) => this.names.get(host) ?? [];
    const connect = new PinnedConnect({ access: new IpAccess({ allowlist, blocklist }), lookup });
    return { servers, rules: { connect, shared: shared ?? null } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#folder.remove();
  }
}

async function becomes(member: Member, health: string, reason: string | null): Promise<void> {
  const seen = () => [member.health, member.reason];
  await waitUntil(`it is ${health} ${reason}`, () => member.health === health && member.reason === reason, { seen });
}

const entry = (address: string, more: Partial<ConfiguredServer> = {}): ConfiguredServer => ({
  address,
  token: null,
  name: null,
  labels: {},
  ...more,
});

describe("a member's address", () => {
  it("is judged on each dial: one whose name is led to a blocked address is rejected and hears nothing", async () => {
    await using fine = await Recorder.open("127.0.0.2");
    await using blocked = await Recorder.open("127.0.0.3", { port: fine.port });
    await using alone = await FleetAlone.open({ blocklist: ["127.0.0.3"] });
    const { fleet, names } = alone;
    names.set("member.example", ["127.0.0.2"]);
    const member = await fleet.add({ address: `http://member.example:${fine.port}`, token: "its own" });
    await becomes(member, "unavailable", "auth_failed");
    for (const led of ["127.0.0.3", "::ffff:127.0.0.3"]) {
      names.set("member.example", [led]);
      await becomes(member, "rejected", "address_denied");
      names.set("member.example", ["127.0.0.2"]);
      await fleet.update(member, { token: "another" });
      await becomes(member, "unavailable", "auth_failed");
    }
    assert.equal(blocked.connections, 0);
    names.set("member.example", ["127.0.0.3"]);
    await assert.rejects(fleet.add({ address: `http://MEMBER.example:${fine.port}/x` }), { code: "invalid_request" });
    assert.equal(blocked.connections, 0);
  });

  it("is judged anew when the rules change, without a packet to whom they forbid, and dialled when they allow it", async () => {
    await using peer = await Recorder.open("127.0.0.2");
    await using alone = await FleetAlone.open({ blocklist: ["127.0.0.2"], servers: [entry("http://127.0.0.9:1")] });
    const { fleet, names } = alone;
    names.set("member.example", []);
    const address = `http://member.example:${peer.port}`;
    const member = await fleet.add({ address });
    names.set("member.example", ["127.0.0.2"]);
    await becomes(member, "rejected", "address_denied");
    assert.deepEqual(await alone.reload({ allowlist: ["127.0.0.1"] }), { added: 0, changed: 0, removed: 1 });
    await becomes(member, "rejected", "address_denied");
    assert.equal(peer.connections, 0);
    await alone.reload({});
    await becomes(member, "unavailable", "auth_failed");
    assert.ok(peer.connections > 0);
    assert.deepEqual(fleet.members, [member]);
  });
});

describe("a token", () => {
  it("of the file is sent to its member and nobody else, and stored nowhere", async () => {
    await using its = await Recorder.open("127.0.0.2");
    await using other = await Recorder.open("127.0.0.3");
    const address = `http://127.0.0.2:${its.port}`;
    const servers = [
      entry(address, { token: new Secret("token-of-the-file") }),
      entry(`http://127.0.0.3:${other.port}`),
    ];
    const shared = new SharedToken(new Secret("shared-token"), ["10.0.0.0/8", "*.example"]);
    await using alone = await FleetAlone.open({ servers, shared });
    for (const member of alone.fleet.members) await becomes(member, "unavailable", "auth_failed");
    assert.match(its.heard, /^authorization: Bearer token-of-the-file\r$/im);
    assert.match(other.heard, /^GET \/link HTTP\/1\.1\r$/m);
    assert.doesNotMatch(other.heard, /authorization/i);
    assert.doesNotMatch(its.heard + other.heard, /shared-token/);
    assert.ok(!alone.keeps("token-of-the-file"));
  });

  it("that is shared is sent to who is listed, and no longer when the list says so", async () => {
    await using peer = await Recorder.open("127.0.0.2");
    const shared = new SharedToken(new Secret("shared-token"), ["127.0.0.2"]);
    await using alone = await FleetAlone.open({ shared, servers: [entry(`http://127.0.0.2:${peer.port}`)] });
    await waitUntil("it was sent", () => /^authorization: Bearer shared-token\r$/im.test(peer.heard));
    const [member] = alone.fleet.members;
    await becomes(member as Member, "unavailable", "auth_failed");
    const other = new SharedToken(new Secret("shared-token"), ["127.0.0.3"]);
    await alone.reload({ shared: other, servers: [entry(`http://127.0.0.2:${peer.port}`)] });
    // Dials come one after another: one may have been under way at the reload, the next has begun after it.
    const reloadedAt = peer.heard.length;
    const since = () => peer.heard.slice(reloadedAt).split(/^(?=GET \/link)/m);
    await waitUntil("it was dialled anew", () => since().length > 2);
    assert.doesNotMatch(since().at(-1) ?? "", /authorization/i);
  });
});

const far = "http://127.0.0.2:1";

describe("a member that is removed", () => {
  it("stays away after a restart, whatever is learned of it meanwhile", async () => {
    await using alone = await FleetAlone.open();
    const member = await alone.fleet.add({ address: far });
    await Promise.all([alone.fleet.remove(member), alone.fleet.update(member, { cordoned: true })]);
    await alone.stop();
    await alone.start({});
    assert.deepEqual(alone.fleet.members, []);
  });

  it("is not revoked any more, and its address is free", async () => {
    await using alone = await FleetAlone.open();
    const member = await alone.fleet.add({ address: far });
    const removing = alone.fleet.remove(member);
    await assert.rejects(alone.fleet.revoke(member), { code: "server_not_found" });
    await removing;
    const again = await alone.fleet.add({ address: far });
    assert.deepEqual(alone.fleet.members, [again]);
  });
});

describe("members of the file", () => {
  it("keep id and place over restarts, and go with their entry; those of callers stay", async () => {
    await using alone = await FleetAlone.open({ servers: [entry(far, { labels: { role: "web" } })] });
    await alone.fleet.add({ address: "http://127.0.0.3:1", labels: { by: "api" } });
    const ids = () => alone.fleet.members.map(({ id }) => id);
    const [fromFile, fromApi] = ids();
    await alone.stop();
    await alone.start({ servers: [entry(far, { name: "web-1" })] });
    assert.deepEqual(ids(), [fromFile, fromApi]);
    assert.deepEqual(
      alone.fleet.members.map(({ record: { name, labels } }) => [name, labels]),
      [
        ["web-1", {}],
        [null, { by: "api" }],
      ],
    );
    await alone.stop();
    await alone.start({});
    assert.deepEqual(ids(), [fromApi]);
    assert.deepEqual(await alone.reload({ servers: [entry(far)] }), { added: 1, changed: 0, removed: 0 });
    assert.notEqual(ids()[1], fromFile);
  });

  it("are changed and removed by the file alone; cordoned they can be by anybody who may, for good", async () => {
    await using alone = await FleetAlone.open({ servers: [entry(far)] });
    const { fleet } = alone;
    const [member] = fleet.members as readonly [Member];
    const refused = { code: "invalid_request", details: { server: member.id, reason: "from_config" } };
    await assert.rejects(fleet.remove(member), refused);
    for (const change of [{ name: "x" }, { name: null }, { labels: {} }, { token: "x" }, { token: null }]) {
      await assert.rejects(fleet.update(member, change), refused);
    }
    await assert.rejects(fleet.add({ address: far }), { code: "server_already_registered" });
    await fleet.update(member, { cordoned: true, draining: true });
    await alone.reload({ servers: [entry(far, { labels: { role: "db" } })] });
    const { cordoned, draining, labels } = member.record;
    assert.deepEqual({ cordoned, draining, labels }, { cordoned: true, draining: true, labels: { role: "db" } });
  });

  it("at an address that a caller has registered are passed over, until that one goes", async () => {
    await using alone = await FleetAlone.open();
    const member = await alone.fleet.add({ address: far, labels: { by: "api" } });
    const said = { servers: [entry(far, { labels: { by: "file" } })] };
    assert.deepEqual(await alone.reload(said), { added: 0, changed: 0, removed: 0 });
    assert.deepEqual(member.record.labels, { by: "api" });
    await alone.reload({});
    assert.deepEqual(alone.fleet.members, [member]);
    await alone.fleet.remove(member);
    assert.deepEqual(await alone.reload(said), { added: 1, changed: 0, removed: 0 });
  });

  it("are all refused when there would be more members than there may be", async () => {
    await using alone = await FleetAlone.open({ servers: [entry(far)] });
    const servers = [2, 3, 4, 5].map((port) => entry(`http://127.0.0.2:${port}`));
    await assert.rejects(alone.reload({ servers }), { code: "resource_limit_reached" });
    assert.deepEqual(
      alone.fleet.members.map(({ address }) => address),
      [far],
    );
    assert.equal((await alone.reload({ servers: servers.slice(1) })).added, 3);
  });

  it("are all refused when one of them has the name of another server", async () => {
    await using alone = await FleetAlone.open({ servers: [entry(far)] });
    const servers = [entry("http://127.0.0.4:1"), entry("http://127.0.0.5:1", { name: "HUB-1" })];
    await assert.rejects(alone.reload({ servers, blocklist: ["127.0.0.0/8"] }), { code: "server_name_conflict" });
    assert.deepEqual(
      alone.fleet.members.map(({ address }) => address),
      [far],
    );
    const added = await alone.fleet.add({ address: "http://127.0.0.6:1" });
    assert.notEqual(added.reason, "address_denied");
  });
});
