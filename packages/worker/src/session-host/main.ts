// The process of a session host: reads its arguments, listens on its private socket, says in host.json that it is
// there, and goes when its host has nothing left to do. Survives the death of whoever started it, and of its terminal.
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { PROTOCOL_VERSION } from "@fleetty/protocol/link";
import { pino } from "pino";
import { hostListener } from "../link/host-listen.ts";
import { processIdentity } from "../pty/processes.ts";
import { warmPty } from "../pty/pty.ts";
import { writeFileAtomicallySync } from "../state/atomic-file.ts";
import { BoundedLog } from "../state/bounded-log.ts";
import { FLEETTY_VERSION } from "../version.ts";
import { Busy, LOOK_EVERY_MS } from "./busy.ts";
import { Host } from "./host.ts";
import type { HostRecord } from "./host-record.ts";
import { hostPaths } from "./paths.ts";

/** How often the socket's file is looked for: somebody may have cleaned up around it. */
const SOCKET_CHECK_MS = 5_000;
/** Time for the last answers to go out. */
const LEAVE_MS = 1_000;

const { values: args } = parseArgs({
  options: {
    state: { type: "string" },
    runtime: { type: "string" },
    host: { type: "string" },
    server: { type: "string" },
    "ring-bytes": { type: "string" },
    umask: { type: "string" },
  },
});

// That of its programs; each file of its own is made with a mode that says who may read it.
process.umask(Number.parseInt(required("umask"), 8));
const paths = hostPaths(required("state"), required("host"), required("runtime"));
const log = pino({ base: { pid: process.pid } }, new BoundedLog(paths.log));

// A defect in one session must not take the terminals of all others with it: it is logged, and the host goes on.
process.on("uncaughtException", (err) => log.fatal({ err }, "a defect; the host goes on"));
process.on("unhandledRejection", (err) => log.fatal({ err }, "a defect; the host goes on"));
for (const signal of ["SIGHUP", "SIGINT", "SIGPIPE"] as const) process.on(signal, () => {});
process.on("SIGTERM", () => host.retire());

const host = new Host({
  hostId: required("host"),
  stateDir: required("state"),
  limits: { ringBytes: Number(required("ring-bytes")) },
  log,
  onDone: () => void leave(),
  onRetiring,
});

const listener = hostListener({
  hostId: required("host"),
  serverId: required("server"),
  key: readFileSync(paths.key),
  version: FLEETTY_VERSION,
  journal: () => host.journal.range,
  end: {
    serve: (op, p, context) => host.serve(op, p, context),
    onAck: (seq) => host.acknowledged(seq),
    onDefect: (op, error) => log.error({ op, err: error.cause ?? error }, "an operation failed inside the host"),
  },
  onLink: (link, welcome) => host.linked(link, welcome),
  onLinkClosed: (link) => host.unlinked(link),
});

listener.server.on("error", (err) => {
  log.fatal({ err, socket: paths.socket }, "the host's socket cannot be used");
  process.exitCode = 1;
  void leave();
});
listener.server.on("listening", () => {
  try {
    sayReady();
  } catch (err) {
    // Without its record nobody finds it; whoever waits for it reads why.
    log.fatal({ err }, "the host cannot say that it is ready");
    process.stderr.write(`${err}\n`);
    process.exitCode = 1;
    void leave();
  }
});
listener.server.listen(paths.socket);
warmPty();
setInterval(() => {
  if (existsSync(paths.socket)) return;
  log.warn({ socket: paths.socket }, "the host's socket was removed; listening again");
  // A link that is open stays so; the server need not wait for its end.
  listener.server.close();
  listener.server.listen(paths.socket);
}, SOCKET_CHECK_MS).unref();

const busy = new Busy(performance.eventLoopUtilization());
setInterval(() => {
  if (busy.look(performance.eventLoopUtilization())) host.isBusy(busy.told);
}, LOOK_EVERY_MS).unref();

function sayReady(): void {
  chmodSync(paths.socket, 0o600);
  record();
  log.info({ socket: paths.socket }, "session host is ready");
}

/** Whoever looks at the files is to know it too; where they cannot be written it retires all the same. */
function onRetiring(): void {
  log.info("session host takes no new sessions and leaves with its last one");
  try {
    record();
  } catch (err) {
    log.error({ err }, "the host cannot say in its record that it retires");
  }
}

function record(): void {
  const { startTime, bootId } = processIdentity(process.pid);
  const said: HostRecord = {
    id: required("host"),
    pid: process.pid,
    start_time: startTime,
    boot_id: bootId,
    version: FLEETTY_VERSION,
    protocol: PROTOCOL_VERSION,
    socket: paths.socket,
    ...(host.isRetiring && { retiring: true }),
  };
  writeFileAtomicallySync(paths.hostJson, JSON.stringify(said));
}

async function leave(): Promise<void> {
  log.info("session host leaves");
  await Promise.race([listener.close(), new Promise((resolve) => setTimeout(resolve, LEAVE_MS))]);
  rmSync(paths.socket, { force: true });
  rmSync(paths.dir, { recursive: true, force: true });
  process.exit();
}

function required(name: keyof typeof args): string {
  const value = args[name];
  if (value === undefined)
    throw new Error(`session-host: --${name} is missing; this program is started by fleetty itself`);
  return value;
}
