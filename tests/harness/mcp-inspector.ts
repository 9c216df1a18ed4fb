// Runs the command line of the MCP inspector as its users do. It is installed beside what npm keeps when it is first needed: it
// brings a hundred packages that nothing else here needs. Where the registry cannot be reached, says so plainly.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const VERSION = "2.12.0";
const FOLDER = resolve(import.meta.dirname, `../../node_modules/.cache/mcp-inspector-${VERSION}`);
const PROGRAM = join(FOLDER, "node_modules/.bin/mcp-inspector");

const run = promisify(execFile);

/** Null when it can be run, else why not. */
export async function inspectorProblem(): Promise<string | null> {
  if (existsSync(PROGRAM)) return null;
  const quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"];
  const args = ["install", "--prefix", FOLDER, ...quiet, `@modelcontextprotocol/inspector@${VERSION}`];
  return run("npm", args).then(
    () => null,
    () => `the MCP inspector ${VERSION} is not installed and cannot be had from the registry`,
  );
}

/** What it prints, as JSON. Rejects with what it said when it fails. */
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
export async function inspect(args: readonly string[], env: NodeJS.ProcessEnv): Promise<any> {
  const { stdout } = await run(PROGRAM, ["--cli", ...args], { env });
  return JSON.parse(stdout);
}
