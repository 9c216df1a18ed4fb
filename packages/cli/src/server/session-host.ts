// `fleetty session-host status|stop`: which hosts run for an instance and what keeps each alive, and how to let them go.
// Looks at files, and asks a server that runs how busy they are; to end sessions it asks the server that runs, or becomes the hosts' hub end for a moment itself.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@fleetty/client";
import { hubCall } from "@fleetty/hub/sessions/hub-call";
import { FleettyError } from "@fleetty/protocol/errors";
import { isSessionId } from "@fleetty/protocol/ids";
import { parseBirth } from "@fleetty/worker/pty/birth-record";
import { isRunning } from "@fleetty/worker/pty/processes";
import type { HostRecord } from "@fleetty/worker/session-host/host-record";
import { sessionPaths, sessionsDir } from "@fleetty/worker/session-host/paths";
import type { Meta } from "@fleetty/worker/session-host/session-files";
import { lockInstance } from "@fleetty/worker/state/instance-lock";
import { keptKey } from "@fleetty/worker/state/kept-files";
import { readRecords } from "@fleetty/worker/worker/host-set";
import { pino } from "pino";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import type { ProcessOptions } from "../process-commands.ts";
import { readServerConfig, type ServerConfig } from "./config.ts";
import { openLocalWorker } from "./process-parts.ts";

/** A retired host without sessions goes at once; one that does not is named. */
const LEAVE_MS = 10_000;
const LOOK_MS = 20;
/** A server that does not answer by then keeps nobody from seeing what is in files. */
const ANSWER_MS = 2_000;

const HELP = `fleetty [-L NAME] session-host status [--json]
fleetty [-L NAME] session-host stop [--end-sessions]

Session hosts hold the terminals and outlive the server. stop lets them go; it refuses while sessions live,
unless --end-sessions says that they are to be ended.
`;

interface HostStatus extends HostRecord {
  /** Names of the sessions that keep it alive. */
  readonly sessions: readonly string[];
  /** Share of its last 10 s that it worked, 0 to 1; null when no server runs that could say. */
  readonly busy: number | null;
  readonly retiring: boolean;
}

export async function runSessionHost({ globals, args }: ProcessOptions): Promise<number> {
  const [word, ...rest] = args;
  const config = readServerConfig([], globals);
  if (args.includes("--help") || args.includes("-h")) {
    await writeOut(HELP);
    return 0;
  }
  const strange = word === "stop" ? rest.find((one) => one !== "--end-sessions") : rest[0];
  if ((word !== "status" && word !== "stop") || strange !== undefined) throw notKnown(strange ?? word);
  return word === "status"
    ? showStatus(await statusOf(config), globals.json === true)
    : stopHosts(config, rest.length > 0);
}

function notKnown(word: string | undefined): FleettyError {
  const fact = word === undefined ? "takes status or stop" : `does not know ${JSON.stringify(word)}`;
  return new FleettyError("invalid_request", `fleetty session-host ${fact}; see fleetty session-host --help`);
}

async function statusOf(config: ServerConfig): Promise<HostStatus[]> {
  const { paths } = config;
  const busy = await busyOf(config);
  const live = liveSessions(paths.stateDir);
  return readRecords(paths.stateDir, paths.runtimeDir)
    .filter(isAlive)
    .map((record) => ({
      ...record,
      retiring: record.retiring === true,
      busy: busy.get(record.id) ?? null,
      sessions: live.filter((meta) => meta.host_id === record.id).map((meta) => meta.spec.name),
    }));
}

/** Hosts by id, as the server says; none without a server that answers. */
async function busyOf({ paths }: ServerConfig): Promise<ReadonlyMap<string, number>> {
  if (!existsSync(paths.socket)) return new Map();
  await using client = connect({ socket: paths.socket });
  const info = await client.server.info({}, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
  return new Map(info?.session_hosts.map(({ id, busy }) => [id, busy]));
}

function isAlive(record: HostRecord): boolean {
  return isRunning({ pid: record.pid, startTime: record.start_time, bootId: record.boot_id });
}

/** Records of sessions without an exit. */
function liveSessions(stateDir: string): Meta[] {
  const dir = sessionsDir(stateDir);
  const ids = existsSync(dir) ? readdirSync(dir).filter(isSessionId) : [];
  return ids.flatMap((id) => {
    const { exit, meta } = sessionPaths(stateDir, id);
    const birth = existsSync(exit) || !existsSync(meta) ? null : parseBirth<Meta>(readFileSync(meta, "utf8"));
    return birth ? [birth.of] : [];
  });
}

async function showStatus(hosts: HostStatus[], asJson: boolean): Promise<number> {
  const lines = hosts.map(({ id, pid, version, protocol, sessions, busy, retiring }) => {
    const facts = [id, `pid ${pid}`, `version ${version}`, `protocol ${protocol}`];
    if (busy !== null) facts.push(`busy ${Math.round(busy * 100)}%`);
    if (retiring) facts.push("retiring");
    facts.push(sessions.length > 0 ? sessions.join(" ") : "no sessions");
    return `${facts.join("  ")}\n`;
  });
  if (asJson) await printJson(hosts);
  else await writeOut(lines.length === 0 ? "no session host runs\n" : lines.join(""));
  return 0;
}

async function stopHosts(config: ServerConfig, endSessions: boolean): Promise<number> {
  const hosts = await statusOf(config);
  const held = hosts.flatMap((host) => host.sessions);
  if (held.length > 0 && !endSessions) {
    const message = `sessions live in the session host (${held.join(", ")}); end them first, or say --end-sessions`;
    throw new FleettyError("still_running", message, { sessions: held });
  }
  if (held.length > 0) await endSessionsOf(config, held);
  for (const host of hosts) if (isAlive(host)) process.kill(host.pid, "SIGTERM");
  await Promise.all(hosts.map(gone));
  return 0;
}

async function endSessionsOf(config: ServerConfig, names: readonly string[]): Promise<void> {
  if (existsSync(config.paths.socket) && !(await endAsHub(config))) {
    await using client = connect({ socket: config.paths.socket });
    await Promise.all(names.map((session) => client.call("sessions.kill", { session })));
    return;
  }
  await endAsHub(config);
}

/** Without a server: hold the instance's lock and speak to its hosts. False when a server holds it. */
async function endAsHub(config: ServerConfig): Promise<boolean> {
  const { paths } = config;
  const lock = tryLock(join(paths.stateDir, "lock.db"));
  if (!lock) return false;
  const serverId = readFileSync(join(paths.stateDir, "id"), "utf8").trim();
  const sealingKey = keptKey(join(paths.stateDir, "secret.key"));
  const log = pino({ level: "silent" });
  const worker = await openLocalWorker({ config, serverId, sealingKey, umask: process.umask(), log });
  try {
    await worker.endAll({ ...hubCall(), deadlineMs: 40_000 });
  } finally {
    await worker.close();
    lock.release();
  }
  return true;
}

function tryLock(path: string) {
  try {
    return lockInstance(path);
  } catch (thrown) {
    if (thrown instanceof FleettyError && thrown.code === "not_ready") return null;
    throw thrown;
  }
}

async function gone(host: HostRecord): Promise<void> {
  const untilMs = performance.now() + LEAVE_MS;
  while (isAlive(host)) {
    if (performance.now() > untilMs) {
      throw new FleettyError("still_running", `session host ${host.id} (pid ${host.pid}) has not left; see its log`, {
        pids: [host.pid],
      });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
