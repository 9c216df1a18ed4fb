// Sets a reading of the fleet in lines: servers above, sessions below, cut to the terminal's size with what was left out said.
// Pure: the caller brings the size and the time. Texts of programs are made visible.
import { state, wants } from "../comforts/ls.ts";
import { healthText, labelText } from "../comforts/servers.ts";
import { age } from "../print/ages.ts";
import { fitted } from "../print/cells.ts";
import { table } from "../print/table.ts";
import { visible } from "../print/visible.ts";
import type { FleetReading, Servers, Sessions } from "./fleet-reading.ts";

export interface Line {
  readonly text: string;
  /** `alarm` is what somebody should look at. */
  readonly kind: "plain" | "heading" | "alarm";
}

export interface FrameOptions {
  /** Null: everything, however much it is. */
  readonly size: { readonly cols: number; readonly rows: number } | null;
  /** Since the epoch. */
  readonly nowMs: number;
  /** Sessions that are scrolled past; more than there are mean the last ones. */
  readonly skipped: number;
}

const SERVERS = ["SERVER", "HEALTH", "SINCE", "LATENCY", "SESSIONS", "LABELS"];
const SESSIONS = ["SERVER", "NAME", "STATE", "ATTENTION", "ACTIVE", "COMMAND"];
/** Title, and a blank line and a heading before each of the two lists. */
const FIXED_ROWS = 5;

export function frame(reading: FleetReading, { size, nowMs, skipped }: FrameOptions): Line[] {
  const { servers, away } = reading;
  const alarm = away === null ? [] : [alarmLine(away, servers)];
  const room = roomIn(reading, size?.rows ?? Number.POSITIVE_INFINITY);
  const cols = size?.cols ?? Number.POSITIVE_INFINITY;
  const lines = [
    plain(title(reading, nowMs)),
    ...alarm,
    plain(""),
    ...serverLines(servers, { room: room.servers, nowMs, cols }),
    plain(""),
    ...sessionLines(reading, { room: room.sessions, skipped, cols }),
  ];
  const shown = size === null ? lines : lines.slice(0, size.rows);
  return shown.map(({ text, kind }) => ({ text: fitted(text, cols), kind }));
}

/** How many sessions may be scrolled past, so that the last ones are still a full page. */
export function skippedMost(reading: FleetReading, rows: number): number {
  const { length } = reading.sessions;
  const room = roomIn(reading, rows).sessions;
  return length <= room ? 0 : length - Math.max(0, room - 1);
}

/** Rows for each list: servers get half of them, and what sessions leave. */
function roomIn({ servers, sessions, away }: FleetReading, rows: number): { servers: number; sessions: number } {
  const room = Math.max(0, rows - FIXED_ROWS - (away === null ? 0 : 1));
  const forServers = Math.min(servers.length, Math.max(Math.floor(room / 2), room - Math.max(1, sessions.length)));
  return { servers: forServers, sessions: room - forServers };
}

function title({ servers, sessions }: FleetReading, nowMs: number): string {
  const counts = Map.groupBy(servers, ({ health }) => health);
  const healths = [...counts].map(([health, all]) => `${all.length} ${health}`).join(", ");
  const time = new Date(nowMs).toISOString().slice(11, 19);
  return visible(
    `fleetty top  ${hubOf(servers)}  ${counted(servers, "server")}: ${healths}  ${counted(sessions, "session")}  ${time}Z`,
  );
}

function counted({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? "" : "s"}`;
}

function hubOf([own]: Servers): string {
  return own?.hostname ?? "the hub";
}

function alarmLine({ forMs, why }: NonNullable<FleetReading["away"]>, servers: Servers): Line {
  const text = `${hubOf(servers)} is away: below is how it was ${age(forMs)} ago, and it is asked again (${why})`;
  return { text: visible(text), kind: "alarm" };
}

function serverLines(servers: Servers, { room, nowMs, cols }: { room: number; nowMs: number; cols: number }): Line[] {
  // What is cut off first is what is well.
  const isCut = servers.length > room;
  const inOrder = isCut ? servers.toSorted((one, other) => Number(isWell(one)) - Number(isWell(other))) : servers;
  const [heading, ...rows] = tableLines(
    SERVERS,
    inOrder.map((server) => serverRow(server, nowMs)),
    cols,
  );
  const lines = rows.map(
    (text, at): Line => ({ text, kind: isWell(inOrder[at] as Servers[number]) ? "plain" : "alarm" }),
  );
  return [{ text: heading as string, kind: "heading" }, ...page(lines, room, 0)];
}

function isWell({ health }: Servers[number]): boolean {
  return health === "healthy";
}

function serverRow(server: Servers[number], nowMs: number): string[] {
  const { hostname, id, since, latency_ms: latencyMs, sessions, labels } = server;
  return [
    hostname ?? id,
    healthText(server),
    age(nowMs - Date.parse(since)),
    latencyMs === null ? "-" : `${latencyMs} ms`,
    `${sessions ?? "-"}`,
    labelText(labels),
  ];
}

function sessionLines(
  { sessions, sessionsAgeMs }: FleetReading,
  { room, skipped, cols }: { room: number; skipped: number; cols: number },
): Line[] {
  const cells = sessions.map((session) => sessionRow(session, sessionsAgeMs));
  const [heading, ...rows] = tableLines(SESSIONS, cells, cols);
  return [{ text: heading as string, kind: "heading" }, ...page(rows.map(plain), room, skipped)];
}

function sessionRow(session: Sessions[number], ageMs: number): string[] {
  const { server, name, last_activity_ms: quietMs, command } = session;
  return [server, name, state(session), wants(session), age(quietMs + ageMs), command];
}

/** Columns whose texts are anybody's: a long one must not push the others off the screen. */
const NAMES = ["SERVER", "NAME"];

function tableLines(heading: readonly string[], rows: readonly (readonly string[])[], cols: number): string[] {
  const widest = Math.max(8, Math.floor(cols / 4));
  const cut = rows.map((row) =>
    row.map((cell, at) => (NAMES.includes(heading[at] as string) ? fitted(visible(cell), widest) : cell)),
  );
  return table(heading, cut).trimEnd().split("\n");
}

/** The lines that there is room for; the last of them says what is left out. */
function page(lines: readonly Line[], room: number, skipped: number): Line[] {
  if (lines.length <= room) return [...lines];
  const shown = Math.max(0, room - 1);
  const above = Math.max(0, Math.min(skipped, lines.length - shown));
  const below = lines.length - above - shown;
  const said = above === 0 ? `… ${below} more` : `… ${above} above, ${below} below`;
  return [...lines.slice(above, above + shown), plain(said)];
}

function plain(text: string): Line {
  return { text, kind: "plain" };
}
