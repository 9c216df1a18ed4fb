// Says what a command can have beyond the loop: options of its own, an input made from them, an answer shown for people.
import type { Client } from "@fleetty/client";
import type { CommandRow } from "./commands.ts";
import type { Invocation, Members } from "./invocation.ts";

/** An option that only the command line has. `value` names its value; null for a switch. */
export interface ExtraOption {
  readonly flag: string;
  readonly value: string | null;
  readonly says: string;
  /** The only values that it takes. */
  readonly words?: readonly string[];
}

export interface Comfort {
  readonly extras?: readonly ExtraOption[];
  /** Members that are no option, because the comfort makes them. */
  readonly hides?: readonly string[];
  /** Members that may be left out of the words, because the comfort finds them elsewhere: on standard input, in an option. */
  readonly completes?: readonly string[];
  /** Members whose option has another name: one that is given again for each is called by what each is, `--label`. */
  readonly called?: Readonly<Record<string, `--${string}`>>;
  /** Rewrites the words of the command line before they are read. */
  readonly words?: (args: readonly string[]) => readonly string[];
  /** Whether words after `--` mean something. */
  readonly takesRest?: boolean;
  /** The command can be for many sessions, picked by a tag; with the word for what has happened to each: "killed". */
  readonly picksMany?: { readonly said: string };
  /** Lines for `--help`. */
  readonly notes?: readonly string[];
  /** Whether a server is started when none runs. */
  readonly startsServer?: boolean;
  readonly input?: (invocation: Invocation, signal: AbortSignal) => Members | Promise<Members>;
  /** Replaces the call; resolves with the exit code. */
  readonly run?: (invocation: Invocation, client: Client, signal: AbortSignal) => Promise<number>;
  /** The answer for people; ends in a line end unless it is empty. */
  readonly show?: (answer: unknown, invocation: Invocation) => string | Uint8Array;
  /** What is said beside the answer for people, on standard error; empty, or it ends in a line end. */
  readonly tell?: (answer: unknown) => string;
  readonly exitCode?: (answer: unknown) => number;
}

/** Loads the comfort of a command, its own before that of its operation; null for those that the loop serves well. */
export async function comfortOf({ name, cli: { command } }: CommandRow): Promise<Comfort | null> {
  const key = [command, name].find((one) => Object.hasOwn(comforts, one));
  return key === undefined ? null : await (comforts[key] as () => Promise<Comfort>)();
}

/** By the name of an operation, or by the words of a command that is one of several for its operation. */
const comforts: Readonly<Record<string, () => Promise<Comfort>>> = {
  "server.token": async () => (await import("./comforts/token.ts")).comfort,
  "server.token_rotate": async () => (await import("./comforts/token.ts")).comfort,
  "auth.session": async () => (await import("./comforts/browser-session.ts")).comfort,
  "tokens.create": async () => (await import("./comforts/tokens.ts")).add,
  "tokens.list": async () => (await import("./comforts/tokens.ts")).list,
  "metrics.get": async () => (await import("./comforts/document.ts")).comfort,
  "openapi.get": async () => (await import("./comforts/document.ts")).comfort,
  "docs.get": async () => (await import("./comforts/document.ts")).comfort,
  "server.persist_get": async () => (await import("./comforts/persist.ts")).told,
  "persist on": async () => (await import("./comforts/persist.ts")).on,
  "persist off": async () => (await import("./comforts/persist.ts")).off,
  "openapi.yaml": async () => (await import("./comforts/document.ts")).comfort,
  "server.reload": async () => (await import("./comforts/servers.ts")).reload,
  "events.stream": async () => (await import("./comforts/events.ts")).comfort,
  "servers.list": async () => (await import("./comforts/servers.ts")).list,
  "servers.get": async () => (await import("./comforts/server-details.ts")).comfort,
  "servers.add": async () => (await import("./comforts/servers.ts")).add,
  "servers.join_code": async () => (await import("./comforts/servers.ts")).joinCode,
  "servers.update": async () => (await import("./comforts/servers.ts")).update,
  "servers label": async () => (await import("./comforts/server-changes.ts")).label,
  "servers cordon": async () => (await import("./comforts/server-changes.ts")).cordon,
  "servers uncordon": async () => (await import("./comforts/server-changes.ts")).uncordon,
  "servers drain": async () => (await import("./comforts/server-changes.ts")).drain,
  "presets.list": async () => (await import("./comforts/presets.ts")).comfort,
  "sessions.create": async () => (await import("./comforts/new.ts")).comfort,
  "sessions.list": async () => (await import("./comforts/ls.ts")).comfort,
  "sessions.update": async () => (await import("./comforts/rename.ts")).comfort,
  tag: async () => (await import("./comforts/tag.ts")).comfort,
  "sessions.kill": async () => (await import("./comforts/kill.ts")).comfort,
  "sessions.signal": async () => (await import("./comforts/signal.ts")).comfort,
  "sessions.input": async () => (await import("./comforts/send.ts")).comfort,
  "sessions.keys": async () => (await import("./comforts/keys.ts")).comfort,
  "sessions.paste": async () => (await import("./comforts/paste.ts")).comfort,
  "sessions.lease": async () => (await import("./comforts/lease.ts")).comfort,
  "sessions.secret": async () => (await import("./comforts/secrets.ts")).typed,
  "secrets.set": async () => (await import("./comforts/secrets.ts")).set,
  "secrets.list": async () => (await import("./comforts/secrets.ts")).list,
  "sessions.screen": async () => (await import("./comforts/screen.ts")).comfort,
  "sessions.scrollback": async () => (await import("./comforts/scrollback.ts")).comfort,
  "sessions.idle": async () => (await import("./comforts/idle.ts")).comfort,
  "sessions.idle_any": async () => (await import("./comforts/idle.ts")).ofMany,
  "fleet.wait": async () => (await import("./comforts/wait-for-many.ts")).comfort,
  "sessions.output": async () => (await import("./comforts/output.ts")).comfort,
  "sessions.run": async () => (await import("./comforts/run.ts")).comfort,
  "sessions.explain": async () => (await import("./comforts/explain.ts")).comfort,
  "sessions.wait": async () => (await import("./comforts/wait.ts")).comfort,
  "sessions.overlays.create": async () => (await import("./comforts/elements.ts")).create,
  "sessions.overlays.list": async () => (await import("./comforts/elements.ts")).overlays,
  "sessions.overlays.patch": async () => (await import("./comforts/elements.ts")).placed,
  "sessions.overlays.replace": async () => (await import("./comforts/elements.ts")).painted,
  "sessions.overlays.spans": async () => (await import("./comforts/elements.ts")).painted,
  "sessions.overlays.write": async () => (await import("./comforts/elements.ts")).written,
  "sessions.panels.create": async () => (await import("./comforts/elements.ts")).create,
  "sessions.panels.list": async () => (await import("./comforts/elements.ts")).panels,
  "sessions.panels.patch": async () => (await import("./comforts/elements.ts")).changed,
  "sessions.panels.replace": async () => (await import("./comforts/elements.ts")).painted,
  "sessions.panels.spans": async () => (await import("./comforts/elements.ts")).painted,
  "sessions.panels.write": async () => (await import("./comforts/elements.ts")).written,
  "sessions.socket": async () => (await import("./comforts/socket.ts")).comfort,
  "fleet.socket": async () => (await import("./comforts/socket.ts")).comfort,
  "sessions.watch": async () => (await import("./comforts/attach.ts")).comfort,
};
