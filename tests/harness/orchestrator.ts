// What somebody who orchestrates a fleet does, in few verbs, and the same by each way in: over HTTP and by the command line.
// Answers are those of the API; what is refused is thrown as a `Refusal`.
import assert from "node:assert/strict";
import type { KeptCli } from "../../packages/cli/test/kept-cli.ts";
import type { Ask } from "./http.ts";
import type { TestServer } from "./server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
type Json = any;

export interface NewSession {
  readonly name: string;
  readonly server?: string;
  readonly tags?: readonly string[];
  readonly argv: readonly string[];
}

export interface Orchestrator {
  listServers(): Promise<Json[]>;
  getServer(ref: string): Promise<Json>;
  addServer(server: { readonly address: string; readonly token?: string }): Promise<Json>;
  removeServer(ref: string): Promise<void>;
  /** A code with which one server joins by itself. */
  joinCode(): Promise<string>;
  create(session: NewSession): Promise<Json>;
  list(filter?: { readonly tag?: string; readonly server?: string }): Promise<Json[]>;
  send(session: string, text: string): Promise<void>;
  /** Resolves with its screen, rows as text, when it has been quiet for a moment. */
  idle(session: string): Promise<string>;
  /** The first session of those that becomes quiet, and a cursor under which it is not returned again. */
  idleAny(filter: { readonly tag?: string; readonly server?: string; readonly cursor?: string }): Promise<Json>;
  screen(session: string): Promise<string>;
  kill(session: string): Promise<void>;
}

export class Refusal extends Error {
  readonly code: string;

  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(`${message} [${code}]`);
    this.code = code;
  }
}

/** The code with which it is refused. */
export async function refusal(asked: Promise<unknown>): Promise<string> {
  const thrown = await asked.then(
    (answer) => assert.fail(`not refused: ${JSON.stringify(answer)}`),
    (reason) => reason,
  );
  assert.ok(thrown instanceof Refusal, thrown);
  return thrown.code;
}

const QUIET_MS = "200";

export function overHttp(hub: TestServer): Orchestrator {
  const call = async (asked: Ask) => {
    const { status, json } = await hub.ask(asked);
    if (status >= 400) throw new Refusal(json.error);
    return status === 204 ? undefined : json;
  };
  const at = (collection: string, ref: string) => `/${collection}/${encodeURIComponent(ref)}`;
  return {
    listServers: () => call({ path: "/servers" }),
    getServer: (ref) => call({ path: at("servers", ref) }),
    addServer: (server) => call({ path: "/servers", body: server }),
    joinCode: async () => (await call({ path: "/servers/join-codes", body: {} })).code,
    removeServer: (ref) => call({ method: "DELETE", path: at("servers", ref) }),
    create: (session) => call({ path: "/sessions", body: session }),
    list: (filter = {}) => call({ path: `/sessions?${new URLSearchParams(filter)}` }),
    send: (session, text) => call({ path: `${at("sessions", session)}/input`, body: `${text}\n` }),
    idle: async (session) => {
      const path = `${at("sessions", session)}/idle?timeout_ms=${QUIET_MS}&format=plain`;
      return (await call({ path })).screen.lines.join("\n");
    },
    idleAny: (filter) => call({ path: `/idle?${new URLSearchParams({ timeout_ms: QUIET_MS, ...filter })}` }),
    screen: async (session) => {
      return (await call({ path: `${at("sessions", session)}/screen?format=plain` })).lines.join("\n");
    },
    kill: (session) => call({ method: "DELETE", path: at("sessions", session) }),
  };
}

/** `kept`: carries out what reads no standard input. */
export function byCommandLine(hub: TestServer, kept: KeptCli): Orchestrator {
  const run = async (words: readonly string[], stdin?: string) => {
    const { code, stdout, stderr } = await (stdin === undefined ? kept.run(words) : hub.fleetty(words, { stdin }));
    if (code !== 0) throw new Refusal(JSON.parse(stderr).error);
    return stdout;
  };
  const call = async (...words: string[]) => {
    const stdout = await run([...words, "--json"]);
    return stdout === "" ? undefined : JSON.parse(stdout);
  };
  const rows = async (words: readonly string[]) => {
    const { code, stdout, stderr } = await kept.run(words);
    if (code === 0) return stdout;
    throw new Refusal({ message: stderr, code: /\[([a-z_]+)\]\n$/.exec(stderr)?.[1] ?? "" });
  };
  return {
    listServers: () => call("servers", "ls"),
    getServer: (ref) => call("servers", "show", ref),
    addServer: async ({ address, token }) => {
      const words = ["servers", "add", address, "--json"];
      return JSON.parse(await run(token === undefined ? words : [...words, "--with-token-file", "-"], token));
    },
    joinCode: async () => (await call("servers", "join-code")).code,
    removeServer: (ref) => call("servers", "rm", ref),
    create: ({ name, server, tags, argv }) => {
      const where = server === undefined ? [] : ["--server", server];
      const tagged = tags === undefined ? [] : ["--tags", tags.join(",")];
      return run(["new", name, ...where, ...tagged, "--json", "--", ...argv]).then(JSON.parse);
    },
    list: (filter = {}) => call("ls", ...Object.entries(filter).flatMap(([name, value]) => [`--${name}`, value])),
    send: (session, text) => call("send", session, text, "--enter"),
    idle: (session) => rows(["idle", session, "--timeout-ms", QUIET_MS]),
    idleAny: (filter) =>
      call(
        "idle",
        "--timeout-ms",
        QUIET_MS,
        ...Object.entries(filter).flatMap(([name, value]) => [`--${name}`, value]),
      ),
    screen: (session) => rows(["screen", session]),
    kill: (session) => call("kill", session),
  };
}
