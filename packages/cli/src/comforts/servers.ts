// `servers ls`, `add`, `update`, `join-code` and `reload`: servers as a table for people; the token of a member comes from a file or from standard
// input, because what stands on a command line is everybody's to see.
import { readFileSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort, ExtraOption } from "../comfort.ts";
import type { Invocation, Members } from "../invocation.ts";
import { age } from "../print/ages.ts";
import { table } from "../print/table.ts";
import { visible } from "../print/visible.ts";
import { readStandardInput } from "../standard-input.ts";

type Server = OperationOutput<"servers.list">[number];

const HEADING = ["SERVER", "HEALTH", "SINCE", "SESSIONS", "LATENCY", "VERSION", "LABELS", "ADDRESS"];
const TOKEN_FILE = "--with-token-file";
const NO_TOKEN = "--no-token";

const fromFile: ExtraOption = {
  flag: TOKEN_FILE,
  value: "FILE",
  says: "that server's token is in this file; - reads it from standard input",
};

export const list: Comfort = {
  notes: ["SINCE says how long its health has been what it is."],
  show: (answer) => table(HEADING, (answer as Server[]).map(row)),
};

export const add: Comfort = {
  hides: ["token"],
  called: { labels: "--label" },
  extras: [fromFile],
  notes: ["Prints the new server's id. It is dialled from now on; fleetty servers ls says how it is."],
  input: withToken,
  show: (answer) => `${visible((answer as OperationOutput<"servers.add">).id)}\n`,
};

export const update: Comfort = {
  hides: ["token", "labels", "cordoned", "draining"],
  extras: [fromFile, { flag: NO_TOKEN, value: null, says: "take its token away" }],
  notes: ["Labels are given by fleetty servers label, and new sessions kept away by fleetty servers cordon and drain."],
  input: async (invocation, signal) => {
    if (!invocation.extras[NO_TOKEN]) return withToken(invocation, signal);
    if (invocation.extras[TOKEN_FILE] === undefined) return { ...invocation.members, token: null };
    throw new FleettyError("invalid_request", `give ${NO_TOKEN} or ${TOKEN_FILE}, not both`);
  },
};

/** The code alone goes to standard output, so that it can be piped to the worker; what people want to know goes beside it. */
export const joinCode: Comfort = {
  notes: [
    "Prints the code alone, for the standard input of fleetty worker --join on the machine that joins.",
    "It is good for one server, is shown once, and can be taken back by its id.",
  ],
  show: (answer) => {
    const { id, code, expires_at: expiresAt, command } = answer as OperationOutput<"servers.join_code">;
    const there = command ?? "fleetty worker --join https://THIS-SERVER";
    process.stderr.write(
      `${visible(id)}, good until ${visible(expiresAt)}; there, with the code on standard input: ${visible(there)}\n`,
    );
    return `${visible(code)}\n`;
  },
};

export const reload: Comfort = {
  notes: [
    "Answered on the server's own machine only, over its unix socket. A file that cannot be used changes nothing.",
  ],
  show: (answer) => {
    const { added, changed, removed } = answer as OperationOutput<"server.reload">;
    return `servers: ${added} added, ${changed} changed, ${removed} removed; presets: as the file has them\n`;
  },
};

async function withToken({ members, extras }: Invocation, signal: AbortSignal): Promise<Members> {
  const path = extras[TOKEN_FILE];
  if (typeof path !== "string") return members;
  const token = (path === "-" ? (await readStandardInput(signal)).toString("utf8") : readToken(path)).trim();
  if (token !== "") return { ...members, token };
  throw new FleettyError("invalid_request", `there is no token in ${path === "-" ? "standard input" : path}`);
}

function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new FleettyError("invalid_request", `${path} cannot be read: ${(cause as Error).message}`, {}, { cause });
  }
}

function row(server: Server): string[] {
  const { hostname, id, address, since, sessions, latency_ms: latencyMs, version, labels } = server;
  return [
    hostname ?? id,
    healthText(server),
    age(Date.now() - Date.parse(since)),
    `${sessions ?? "-"}`,
    latencyMs === null ? "-" : `${latencyMs} ms`,
    version ?? "-",
    labelText(labels),
    address,
  ];
}

/** `os=linux,gpu`; a label without a value is its key. */
export function labelText(labels: Server["labels"]): string {
  const words = Object.entries(labels).map(([key, value]) => (value === "" ? key : `${key}=${value}`));
  return words.join(",") || "-";
}

/** `healthy`, `unavailable silent`, `healthy cordoned`. */
export function healthText({ health: state, reason, cordoned, draining }: Server): string {
  return [state, reason, draining ? "draining" : cordoned ? "cordoned" : null]
    .filter((word) => word !== null)
    .join(" ");
}
