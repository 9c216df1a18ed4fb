// Holds the clearing away of session files to what it may touch: old ones that nobody knows of.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { makeId } from "@fleetty/protocol/ids";
import { sessionPaths, sessionsDir } from "../session-host/paths.ts";
import { ENDED_KEPT_MS } from "./session-index.ts";
import { removeUnclaimed } from "./unclaimed-files.ts";

it("removes the files of sessions that nobody knows of, once they are old, and nothing else", async () => {
  using folder = mkdtempDisposableSync("/tmp/ft-");
  await removeUnclaimed(folder.path, () => false, Date.now());
  const nowMs = Date.parse("2026-03-01T12:00:00.000Z");
  const make = (name: string, ageMs: number) => {
    const { dir, meta } = sessionPaths(folder.path, name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(meta, "{}");
    const changed = new Date(nowMs - ageMs);
    utimesSync(dir, changed, changed);
    return name;
  };
  const [known, young] = [make(makeId("ses"), 2 * ENDED_KEPT_MS), make(makeId("ses"), ENDED_KEPT_MS / 2)];
  make(makeId("ses"), 2 * ENDED_KEPT_MS);
  const foreign = make("notes", 2 * ENDED_KEPT_MS);
  writeFileSync(join(sessionsDir(folder.path), makeId("ses")), "a file");
  await removeUnclaimed(folder.path, (id) => id === known, nowMs);
  const left = readdirSync(sessionsDir(folder.path), { withFileTypes: true });
  assert.deepEqual(
    new Set(left.filter((one) => one.isDirectory()).map(({ name }) => name)),
    new Set([known, young, foreign]),
  );
});
