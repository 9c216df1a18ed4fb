// Makes secrets for stories, programs that ask for them, and looks afterwards that they are nowhere they should not be.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { auditOf } from "./audit.ts";
import type { Answer } from "./http.ts";
import type { TestServer } from "./server.ts";
import type { TestSession } from "./session.ts";

/** Those that this process has made. */
export const made: string[] = [];

/** Another one each time, so that whoever has it has it from here. */
export function newSecret(): string {
  const secret = `s3cret-${randomBytes(12).toString("hex")}`;
  made.push(secret);
  return secret;
}

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Reads secrets without echo, one for each prompt, and shows the hash of each. */
export const asks = (...prompts: readonly string[]) => [
  "/bin/bash",
  "-c",
  `for prompt in "$@"; do IFS= read -rs -p "$prompt" secret; printf '\\n%s\\n' "$(printf %s "$secret" | sha256sum)"; done; sleep 1000`,
  "asks",
  ...prompts,
];

/** Has a secret typed, or is refused. */
export const secret = (session: TestSession, body: object) => session.ask("/secret", { body });

/** Has it typed once it is known that one is asked for: a prompt is seen a moment before it is read. */
export async function secretOnceAsked(session: TestSession, body: object): Promise<Answer> {
  const { json } = await session.ask("/wait", { body: { until: { attention: ["needs_secret"] } } });
  assert.equal(json.reason, "needs_secret", JSON.stringify(json));
  return secret(session, body);
}

export async function assertTyped(answer: Answer, name: string | null = null): Promise<void> {
  assert.equal(answer.status, 200, answer.body.toString());
  assert.equal(answer.json.secret, name);
}

/** Files below, with what they hold. */
function filesBelow(folder: string): { path: string; bytes: Buffer }[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return { path, bytes: readFileSync(path) };
  });
}

/** Command lines of all processes that there are. */
function commandLines(): string {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1");
    } catch {
      // It has ended meanwhile.
      return "";
    }
  });
  return lines.join("\n");
}
/** Passes when no secret is in what these servers keep, log, audit and tell, in any spelling that something might store. */
export async function assertNowhere(servers: readonly TestServer[], secrets: readonly string[]): Promise<void> {
  assert.ok(secrets.length > 0);
  const places = new Map<string, Buffer>();
  for (const one of servers) {
    for (const { path, bytes } of filesBelow(one.stateDir)) places.set(path, bytes);
    places.set("log", Buffer.from(one.log));
    places.set("audit", Buffer.from(JSON.stringify(auditOf(one))));
    const { json } = await one.ask({
      path: "/events?cursor=oldest&limit=1000",
      headers: { accept: "application/json" },
    });
    places.set("events", Buffer.from(JSON.stringify(json)));
    const { json: sessions } = await one.ask({ path: "/sessions?include=exited" });
    for (const { id } of sessions) {
      places.set(id, Buffer.from(JSON.stringify((await one.ask({ path: `/sessions/${id}/output` })).json)));
    }
  }
  places.set("command lines", Buffer.from(commandLines()));
  assert.ok([...places.keys()].some((path) => path.endsWith("worker.db-wal") || path.endsWith("worker.db")));
  for (const [place, bytes] of places) {
    for (const value of secrets) {
      const base64 = Buffer.from(value).toString("base64").slice(0, -4);
      for (const spelling of [value, base64, encodeURIComponent(value), sha256Base64(value)]) {
        assert.ok(!bytes.includes(spelling), `${place} holds a secret`);
      }
    }
  }
}

function sha256Base64(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
