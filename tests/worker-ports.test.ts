// The suite that every WorkerPort passes, against the members of a fleet as a hub has them: one that it dials, over TCP and on a
// unix socket, and one that dials it, each a real process beyond real sockets.
import { randomUUID } from "node:crypto";
import { mkdtempDisposableSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { SealedTexts } from "@fleetty/carrier/sealed-text";
import { ServerKey } from "@fleetty/carrier/server-key";
import { unixAdmission } from "@fleetty/hub/auth/admission";
import { WorkersFace } from "@fleetty/hub/faces/workers-face";
import { Fleet, type OwnWorker } from "@fleetty/hub/fleet/fleet";
import { IpAccess } from "@fleetty/hub/fleet/ip-access";
import { PinnedConnect } from "@fleetty/hub/fleet/pinned-connect";
import { SqliteHubStore } from "@fleetty/hub/store/sqlite-hub-store";
import { makeId } from "@fleetty/protocol/ids";
import { Secret } from "@fleetty/protocol/secret";
import { pino } from "pino";
import { workerPortSuite } from "../packages/worker/src/worker/worker-port-suite.ts";
import { startServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { TestWorkerProcess } from "./harness/worker.ts";

const log = pino({ level: "silent" });

interface OpenFleet {
  readonly fleet: Fleet;
  /** Where workers dial. */
  readonly port: number;
}

/** A hub of nothing but its fleet, in this process; `addresses` are those of its file. */
async function openFleet(stack: AsyncDisposableStack, addresses: readonly string[] = []): Promise<OpenFleet> {
  const folder = stack.use(mkdtempDisposableSync("/tmp/ft-"));
  const store = new SqliteHubStore({ path: join(folder.path, "hub.db") });
  stack.defer(() => store.close());
  const fleet = await Fleet.open({
    store,
    worker: { find: () => undefined, live: () => [] } as unknown as OwnWorker,
    own: {
      id: makeId("srv"),
      startId: randomUUID(),
      hostname: "hub-1",
      key: ServerKey.fromPem(ServerKey.makePem()),
      lostAfterMs: 30_000,
    },
    config: {
      servers: addresses.map((address) => ({ address, token: null, name: null, labels: {} })),
      rules: { shared: null, connect: new PinnedConnect({ access: new IpAccess({ allowlist: [], blocklist: [] }) }) },
    },
    sealed: new SealedTexts(new Secret(Buffer.alloc(32, 1).toString("base64url"))),
    status: () => ({ slots: 4, load1: 0, os: "linux", arch: "x64" }),
    routeOmitted: "fleet",
    onJoin: () => {},
    log,
  });
  stack.defer(() => fleet.close());
  const face = new WorkersFace({ reception: fleet.reception, log, onAnswered: () => {} });
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    face.upgrade({ request, socket: socket as Socket, head, admission: unixAdmission });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stack.defer(() => void server.close());
  return { fleet, port: (server.address() as AddressInfo).port };
}

async function portOf(fleet: Fleet, stack: AsyncDisposableStack) {
  const isHealthy = () => fleet.members.find(({ health }) => health === "healthy");
  const member = await waitUntil("the member is healthy", isHealthy, {
    seen: () => fleet.members.map((one) => one.describe()),
  });
  return { port: member.worker, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

workerPortSuite("a member that the hub dials", async () => {
  const stack = new AsyncDisposableStack();
  const { fleet } = await openFleet(stack);
  const server = stack.use(await startServer({ tcp: true, args: ["--hostname", "dialled"] }));
  await fleet.add({ address: `http://127.0.0.1:${(await server.tcp()).port}`, token: server.token });
  return portOf(fleet, stack);
});

workerPortSuite("a worker whose socket the hub dials", async () => {
  const stack = new AsyncDisposableStack();
  const worker = stack.use(new TestWorkerProcess("boxed"));
  const path = join(worker.home.root, "link", "link.sock");
  worker.start({ args: ["--listen", path] });
  const { fleet } = await openFleet(stack, [`unix:${path}`]);
  return portOf(fleet, stack);
});

workerPortSuite("a worker that dials the hub", async () => {
  const stack = new AsyncDisposableStack();
  const { fleet, port } = await openFleet(stack);
  const worker = stack.use(new TestWorkerProcess("joined"));
  const { code } = await fleet.makeJoinCode({});
  worker.start({ args: ["--join", `http://127.0.0.1:${port}`], stdin: `${code}\n` });
  return portOf(fleet, stack);
});
