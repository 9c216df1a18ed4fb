// Runs the whole suite: sets up what tests need beyond npm, runs every test file side by side, prints failures with their
// diagnosis, and ends with one line `N passed, N failed`. Arguments narrow it to files whose path contains one of them.
import { globSync, mkdtempDisposableSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { EventData } from "node:test";
import { run } from "node:test";
import { added, type Confusion, printed } from "../tests/attention/confusion.ts";
import { kill, naming, parentOf } from "../tests/harness/processes.ts";
import { ensurePrograms } from "./test-programs.ts";

/** Stories wait more than they compute, so a few more files than cores run at once. */
const FILES_AT_ONCE = Math.max(4, availableParallelism() + 2);
/** A file that takes longer hangs: it is ended and counts as failed. More kills or requests than usual get more time. */
const KILL_MS = 3_000;
const REQUEST_MS = 10;
const FILE_MAX_MS =
  240_000 +
  Number(process.env["FLEETTY_TEST_KILLS"] ?? 0) * KILL_MS +
  Number(process.env["FLEETTY_TEST_REQUESTS"] ?? 0) * REQUEST_MS;

/** Unit tests that take as long as a story: left to the end, the last of them would run alone. */
const LONG: ReadonlySet<string> = new Set([
  "packages/cli/src/attach/attach.test.ts",
  "packages/cli/src/completion/completion.test.ts",
  "packages/cli/src/main.test.ts",
  "packages/cli/src/start-server.test.ts",
  "packages/worker/src/worker/labelling.test.ts",
  "packages/worker/src/worker/local-worker.test.ts",
]);

/** Files that are named at the end, so that one that has grown slow is seen. */
const SLOWEST = 12;

/** Between two looks for files that hang. */
const LOOK_EVERY_MS = 5_000;

const wanted = process.argv.slice(2);
const files = globSync(["packages/*/{src,test}/**/*.test.ts", "tests/**/*.test.ts"])
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  // What takes longest begins first: stories, and what is like them.
  .sort((one, other) => Number(LONG.has(other)) - Number(LONG.has(one)) || (one < other ? 1 : -1));

ensurePrograms();
// Each file is a process, and starts servers in homes of its own: they share what Node makes of our files.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "../node_modules/.cache/fleetty-tests");
// What the files of tests/attention count of their verdicts.
using confusion = mkdtempDisposableSync("/tmp/ft-");
process.env["FLEETTY_TEST_CONFUSION"] = confusion.path;

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
/** Files under way, and since when. */
const running = new Map<string, number>();
/** How long each of the others took. */
const tookMs = new Map<string, number>();
const startedAtMs = performance.now();

const stream = run({
  files,
  concurrency: FILES_AT_ONCE,
  timeout: FILE_MAX_MS,
  execArgv: ["--disable-warning=ExperimentalWarning"],
});
stream.on("test:dequeue", (event) => isFile(event) && running.set(event.name, performance.now()));
stream.on("test:complete", (event) => isFile(event) && isOver(event.name));
stream.on("test:pass", (event) => counted(event, event.skip !== undefined ? "skipped" : "passed"));
stream.on("test:fail", (event) => {
  counted(event, "failed");
  if (isOwn(event)) failures.push(`✖ ${place(event)} ${event.name}\n${diagnosis(event)}`);
});
stream.on("test:stderr", ({ message }) => process.stderr.write(message));
const looking = setInterval(endHanging, LOOK_EVERY_MS);
for await (const _ of stream);
clearInterval(looking);

const tables = globSync(`${confusion.path}/*.json`).map((file) => JSON.parse(readFileSync(file, "utf8")) as Confusion);
if (tables.length > 0) process.stdout.write(printed("what sessions wanted, and what was said", added(tables)));
if (files.length === 0) failures.push(`✖ no test file matches ${wanted.join(" ")}`);
for (const failure of failures) console.log(failure);
if (tookMs.size > SLOWEST) console.log(`the slowest: ${slowest()}`);
console.log(`${files.length} files in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

/** Suites hold tests and are none; a file that breaks before its first test is a failed one. */
function isOwn({ details }: EventData.TestPass | EventData.TestFail): boolean {
  return details.type !== "suite" || brokeByItself(details);
}

function isOver(file: string): void {
  tookMs.set(file, performance.now() - (running.get(file) ?? startedAtMs));
  running.delete(file);
}

function slowest(): string {
  const sorted = [...tookMs].toSorted(([, one], [, other]) => other - one).slice(0, SLOWEST);
  return sorted.map(([file, ms]) => `${file.replace(`${process.cwd()}/`, "")} ${(ms / 1_000).toFixed(0)} s`).join(", ");
}

/** The runner's own time-out fails a test and leaves its process, whose end is waited for. */
function endHanging(): void {
  for (const [file, sinceMs] of running) {
    if (performance.now() - sinceMs < FILE_MAX_MS) continue;
    running.delete(file);
    console.error(`ended, because it took over ${FILE_MAX_MS / 1_000} s: ${file}`);
    for (const one of naming(file)) if (parentOf(one) === process.pid) kill(one, "SIGKILL");
  }
}

function isFile({ nesting, name }: { readonly nesting: number; readonly name: string }): boolean {
  return nesting === 0 && name.endsWith(".test.ts");
}

function brokeByItself(details: (EventData.TestPass | EventData.TestFail)["details"]): boolean {
  const { error } = details as { error?: { failureType?: string } };
  return error !== undefined && error.failureType !== "subtestsFailed";
}

function counted(event: EventData.TestPass | EventData.TestFail, as: keyof typeof counts): void {
  const isFileItself = event.nesting === 0 && event.name === event.file;
  if (isFileItself && as === "passed") return;
  if (isOwn(event)) counts[as] += 1;
  if (isOwn(event) && as === "skipped") console.log(`skipped: ${place(event)} ${event.name}: ${String(event.skip)}`);
}

function place({ file, line }: EventData.TestPass | EventData.TestFail): string {
  const path = (file ?? "").replace(`${process.cwd()}/`, "");
  return line === undefined ? path : `${path}:${line}`;
}

function diagnosis({ details }: EventData.TestFail): string {
  const { error } = details;
  const cause =
    error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause ?? error.message);
  return cause.replaceAll(/^/gm, "    ");
}
