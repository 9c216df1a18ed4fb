// Plays situations on a server: gives each a folder that is its home, starts its session, and does its steps one after the
// other. What is to be said at a moment is for whoever watches.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TestServer } from "../harness/server.ts";
import { TestSession } from "../harness/session.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { foregroundOf } from "./foreground.ts";
import { handOver } from "./scratch-user.ts";
import type { Moment, Situation, Step } from "./situation.ts";

/** Called at each moment, with its number in the situation from 1 on. */
export type Watch = (session: TestSession, moment: Moment, at: number) => Promise<void>;

export async function play(server: TestServer, situation: Situation, watch: Watch): Promise<void> {
  const folder = furnished(join(server.home.root, "s", situation.name.replaceAll(/[^a-z0-9]+/gi, "-")));
  if (situation.prepare !== undefined) await run(situation.prepare, folder);
  if (situation.server === "ordinary") handOver(folder);
  let session: TestSession | null = null;
  try {
    session = await start(server, situation, folder);
    let at = 0;
    for (const step of situation.steps) {
      if (step.kind === "moment") await watch(session, step, ++at);
      else await take(step, session, folder);
    }
  } finally {
    // It may have ended by itself.
    await session?.ask("", { method: "DELETE" });
    if (situation.tidy !== undefined) await run(situation.tidy, folder);
    endThoseIn(folder);
  }
}

async function start(server: TestServer, { name, argv, preset, env, integration }: Situation, home: string) {
  const own = { HOME: home, XDG_CONFIG_HOME: `${home}/.config`, XDG_DATA_HOME: `${home}/.data`, PS1: "ok> ", ENV: "" };
  const session = name.replaceAll(/[^a-zA-Z0-9]+/g, "-");
  const more = integration === undefined ? {} : { integration };
  const started = preset === undefined ? { argv } : { preset };
  return TestSession.start(server.socketPath, session, { ...started, cwd: home, env: { ...own, ...env }, ...more });
}

async function take(step: Exclude<Step, Moment>, session: TestSession, folder: string): Promise<void> {
  if (step.kind === "type") await session.type(step.text);
  else if (step.kind === "shows") await session.shows(step.regex);
  else if (step.kind === "outside") await run(step.script, folder);
  else if (step.kind === "saves") writeFileSync(join(folder, step.file), await session.output(0));
  else await runsInForeground(session, step.program);
}

async function runsInForeground(session: TestSession, program: string): Promise<void> {
  const { pid } = await session.info();
  await waitUntil(`${program} is in the foreground of ${session.name}`, () => foregroundOf(pid).includes(program), {
    seen: () => foregroundOf(pid),
  });
}

/**
 * What has outlived its session: a program in a terminal of a server that was ended, say. A pinentry whose terminal and agent
 * have gone is at home there only by its environment, and reads its end of file as fast as it can.
 */
function endThoseIn(folder: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      if (isIn(folder, pid)) process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
}

function isIn(folder: string, pid: string): boolean {
  if (`${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`)) return true;
  return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${folder}`);
}

/** One prompt for every shell, and nothing of this machine's. */
function furnished(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of [".config/fish", ".data/fish/generated_completions"])
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, ".bashrc"), "PS1='ok> '\nPS2='more> '\nunset PROMPT_COMMAND\n");
  writeFileSync(join(folder, ".zshrc"), "PS1='ok> '\nPS2='more> '\nunsetopt prompt_sp\n");
  writeFileSync(
    join(folder, ".config/fish/config.fish"),
    "set -g fish_greeting\nfunction fish_prompt\n  printf 'ok> '\nend\n",
  );
  return folder;
}

const SCRIPT_MAX_MS = 60_000;

/** Resolves when the script has ended well; what it leaves in the background has no part in it. */
function run(script: string, folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/bash", ["-c", script], {
      cwd: folder,
      env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, HOME: folder, LANG: "C.UTF-8" },
      stdio: ["ignore", "ignore", "pipe"],
      // A fifo that nobody opens holds whoever opens it.
      signal: AbortSignal.timeout(SCRIPT_MAX_MS),
    });
    let said = "";
    child.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      child.stderr.destroy();
      if (code === 0) resolve();
      else reject(new assert.AssertionError({ message: `${script}: ended with ${code}: ${said}` }));
    });
  });
}
