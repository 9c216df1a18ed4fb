// What a loop of short commands costs whoever needs the output and the exit code of each: by `run`, here and through a hub, beside
// one persistent bash with sentinels in the very process that asks, and beside keys, pictures and half a second of quiet in tmux.
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "@fleetty/client";
import { startFleet } from "../tests/harness/fleet.ts";
import { type CommandRun, type ShortCommand, shortCommands, wrongOf } from "./commands.ts";
import { alternate, timed } from "./measure.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const ROUNDS = 5;
/** An agent works all day: its first minute says little of that. */
const WARM_ROUNDS = 5;
const COMMANDS = shortCommands(100);
/** Of tmux: each takes longer than all others together. */
const FEW = COMMANDS.slice(0, 5);
/** The rule by which a screen is taken to be the last one. */
const QUIET = { forMs: 500, lookEveryMs: 50 } as const;

interface Loop {
  /** For each command. */
  readonly eachMs: number;
  readonly wrong: number;
}

export async function loop(): Promise<Line[]> {
  await using fleet = await startFleet({ members: ["far"] });
  await using tmux = new Tmux(fleet.hub.home);
  await using sentinels = await Program.start("peers/sentinel-shell.ts");
  using client = fleet.hub.client();
  for (const [name, server] of [
    ["near", "local"],
    ["away", "far"],
  ] as const) {
    await client.sessions.create({ name, argv: ["bash"], server });
  }
  tmux.run("new-session", "-d", "-s", "loop", "-x", "200", "-y", "50", "bash --norc --noprofile");
  const contenders = {
    near: () => byRun(client, "near"),
    far: () => byRun(client, "away"),
    sentinels: () => bySentinels(sentinels),
  };
  await alternate(WARM_ROUNDS, contenders);
  const { near, far, sentinels: bare } = await alternate(ROUNDS, contenders);
  const { tmux: quiet } = await alternate(1, { tmux: () => byQuiet(tmux) });
  return [...linesOf("", near, { bare, quiet }), ...linesOf(" on a member, through its hub", far, { bare, quiet })];
}

function linesOf(where: string, ours: Loop, { bare, quiet }: Readonly<Record<"bare" | "quiet", Loop>>): Line[] {
  const measure = `a short command by \`run\`${where}, with its output and exit code`;
  return [
    {
      measure,
      unit: "ms",
      fleetty: ours.eachMs,
      beside: { "tmux and 500 ms of quiet": quiet.eachMs, "bash with sentinels": bare.eachMs },
      aim: { is: "at most", bound: 1 / 200, times: "tmux and 500 ms of quiet" },
    },
    {
      measure: `${measure}, above bash with sentinels`,
      unit: "ms",
      fleetty: ours.eachMs - bare.eachMs,
      beside: {},
      aim: { is: "at most", bound: 2 },
    },
    {
      measure: `wrong outputs or exit codes of ${COMMANDS.length}${where}`,
      unit: "commands",
      fleetty: ours.wrong,
      beside: { "bash with sentinels": bare.wrong, [`tmux, of ${FEW.length}`]: quiet.wrong },
      aim: { is: "at most", bound: 0 },
    },
  ];
}

async function byRun(client: Client, session: string): Promise<Loop> {
  const runs: Pick<CommandRun, "output" | "code">[] = [];
  const tookMs = await timed(async () => {
    for (const { text } of COMMANDS) {
      const { output, exit_code: code } = await client.sessions.run({ session, command: text });
      runs.push({ output, code });
    }
  });
  return loopOf(COMMANDS, { tookMs, runs });
}

async function bySentinels(shell: Program): Promise<Loop> {
  return loopOf(COMMANDS, await shell.ask({ commands: COMMANDS.map(({ text }) => text) }));
}

/** Types, and takes the screen that has not changed for a while; the exit code is printed behind the command's output. */
async function byQuiet(tmux: Tmux): Promise<Loop> {
  const runs: Pick<CommandRun, "output" | "code">[] = [];
  const tookMs = await timed(async () => {
    for (const { text } of FEW) {
      tmux.run("send-keys", "-t", "loop", "-l", `clear; ${text}; echo "code $?"`);
      tmux.run("send-keys", "-t", "loop", "Enter");
      runs.push(readOff(await quietScreen(tmux)));
    }
  });
  return loopOf(FEW, { tookMs, runs });
}

async function quietScreen(tmux: Tmux): Promise<string> {
  let seen = "";
  let sinceMs = performance.now();
  while (performance.now() - sinceMs < QUIET.forMs) {
    const now = tmux.run("capture-pane", "-p", "-t", "loop");
    if (now !== seen) sinceMs = performance.now();
    seen = now;
    await pause(QUIET.lookEveryMs);
  }
  return seen;
}

function readOff(screen: string): Pick<CommandRun, "output" | "code"> {
  const [, output = "", code] = /(.*?)code (\d+)\n/s.exec(screen) ?? [];
  return { output, code: code === undefined ? null : Number(code) };
}

function loopOf(
  commands: readonly ShortCommand[],
  { tookMs, runs }: { readonly tookMs: number; readonly runs: readonly Pick<CommandRun, "output" | "code">[] },
): Loop {
  return { eachMs: tookMs / commands.length, wrong: wrongOf(commands, runs) };
}
