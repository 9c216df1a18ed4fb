// `wait` without a session: for many of the fleet, chosen by tag, server or name; a line for each that something happened to.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import type { Invocation, Members } from "../invocation.ts";
import { visible } from "../print/visible.ts";
import { conditionOptions, TIMED_OUT, told, until } from "./conditions.ts";

type Answer = OperationOutput<"fleet.wait">;

export const comfort: Comfort = {
  hides: ["select", "until", "mode", "since"],
  extras: [
    { flag: "--tag", value: "a,b,…", says: "sessions that carry one of these tags" },
    { flag: "--on", value: "SET", says: "on these servers: web-[1-3], @role=db, *, !x" },
    { flag: "--server", value: "SERVER", says: "on this server" },
    { flag: "--sessions", value: "a,b,…", says: "of these names, ids, or host/name" },
    { flag: "--all", value: null, says: "until something has happened to each of them, not to the first" },
    ...conditionOptions,
  ],
  notes: [
    "A line for each session that something happened to. Exits 0, or 124 when the time was over before.",
    "Sessions that begin to match meanwhile join. --json has a cursor, with which --cursor goes on.",
  ],
  input: ({ members, extras }) => {
    if (members["cursor"] !== undefined) return members;
    const mode = extras["--all"] === true ? { mode: "all" } : {};
    return { ...members, select: select(extras), ...mode, ...until(extras) };
  },
  show: (answer) => (answer as Answer).events.map((event) => `${placeOf(event)} ${told(event)}`).join(""),
  tell: (answer) => missing(answer as Answer),
  exitCode: (answer) => ((answer as Answer).timed_out ? TIMED_OUT : 0),
};

function select(extras: Invocation["extras"]): Members {
  const words = (flag: string) => {
    const text = extras[flag];
    return typeof text === "string" ? text.split(",").filter((word) => word !== "") : undefined;
  };
  const [tags, sessions] = [words("--tag"), words("--sessions")];
  const on = [extras["--on"], extras["--server"]].filter((text) => typeof text === "string");
  if (on.length > 1) throw new FleettyError("invalid_request", "give --on or --server, not both");
  const selected = { ...(on.length > 0 && { on: on[0] }), ...(tags && { tags }), ...(sessions && { sessions }) };
  if (Object.keys(selected).length > 0) return selected;
  throw new FleettyError("invalid_request", "name a session, or choose many by --tag, --on, --server or --sessions");
}

function placeOf({ server, session }: { readonly server: string; readonly session: string }): string {
  return visible(`${server}/${session}`);
}

function missing({ pending, unreachable, timed_out: isLate, gap }: Answer): string {
  return [
    ...(gap ? ["some of what happened was lost; what is told is as of now"] : []),
    ...(isLate && pending.length > 0 ? [`still waiting for ${pending.map(placeOf).join(", ")}`] : []),
    ...unreachable.map((server) => `${visible(server)} cannot be reached; its sessions are waited for all the same`),
  ]
    .map((line) => `fleetty: ${line}\n`)
    .join("");
}
