// How fast lines that have left the screen are read over HTTP, plain and styled, beside tmux's `capture-pane` for a client in
// control mode that stays, and beside our own `screen`; and what another session of the same session host feels while all
// lines are read again and again.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { waitUntil } from "../tests/harness/wait-until.ts";
import { CaptureClient } from "./capture-client.ts";
import { colouredLog } from "./coloured-log.ts";
import { viewedSession } from "./echo-terminal.ts";
import { load } from "./load.ts";
import { alternate, percentile, timed } from "./measure.ts";
import { felt, type Neighbour } from "./neighbour.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const KEPT = 10_000;
/** First line that is read of a page, counted from the oldest. */
const FROM = 2_000;
const ROUNDS = 3;
/** One reader: tmux answers its clients one after the other. */
const ORDER = { method: "GET", body: "", connections: 1, durationMs: 500 } as const;
const DISTURBED_MS = 2_000;

type Format = "plain" | "styled";

interface Page {
  readonly lines: number;
  readonly format: Format;
}

const PAGES: readonly Page[] = [100, 1_000].flatMap((lines) => [
  { lines, format: "plain" },
  { lines, format: "styled" },
]);

interface Rate {
  readonly perSecond: number;
  readonly p50: number;
}

export async function scrollback(): Promise<Line[]> {
  // One host, so that whoever shares it with the reads really does.
  await using server = await startServer({ args: ["--session-hosts", "1"] });
  await using tmuxServer = new Tmux(server.home);
  const log = join(server.home.root, "log");
  writeFileSync(log, `${colouredLog(KEPT + 100)}\n`);
  const program = ["sh", "-c", `cat ${log}; printf done; exec sleep 1000000`] as const;
  await fill(server, program);
  using tmux = await fillTmux(tmuxServer, program);
  using echo = await viewedSession(server);
  const lines: Line[] = [];
  for (const page of PAGES) lines.push(...(await readPage(page, server, tmux)));
  return [...lines, ...(await disturb({ server, echo }))];
}

async function fill(server: TestServer, argv: readonly string[]): Promise<void> {
  await server.ask({ path: "/sessions", body: { name: "full", argv } });
  const until = { pattern: { regex: "^done", on: "screen" } };
  await server.ask({ path: "/sessions/full/wait", body: { until } });
  const { json } = await server.ask({ path: "/sessions/full/scrollback?limit=1" });
  if (json.total_lines < KEPT) throw new Error(`${json.total_lines} lines are kept of ${KEPT}`);
}

/** The client looks at the pane of a session, and is attached to another one, which prints nothing. */
async function fillTmux(tmux: Tmux, program: readonly string[]): Promise<CaptureClient> {
  tmux.run("new-session", "-d", "-s", "kept", "sleep 1000000");
  tmux.run("set-option", "-g", "history-limit", String(KEPT));
  tmux.run("new-session", "-d", "-s", "full", "-x", "80", "-y", "24", ...program);
  await waitUntil("tmux has taken all lines", () => tmux.run("capture-pane", "-p", "-t", "full").includes("done"));
  return CaptureClient.open(tmux, "kept");
}

async function readPage({ lines, format }: Page, { socketPath }: TestServer, tmux: CaptureClient): Promise<Line[]> {
  const path = `/sessions/full/scrollback?format=${format}&offset=${FROM}&limit=${lines}`;
  const contenders = {
    fleetty: () => load({ ...ORDER, socketPath, path }),
    screen: () => load({ ...ORDER, socketPath, path: `/sessions/full/screen?format=${format}` }),
    tmux: () => captures(tmux, { lines, format }),
  };
  await alternate(1, contenders);
  const result = await alternate(ROUNDS, contenders);
  const measure = `HTTP \`scrollback\`, ${lines} of ${KEPT} lines, ${format}, 1 connection`;
  const figures = (of: keyof Rate) => ({
    fleetty: result.fleetty[of],
    beside: { "tmux capture-pane": result.tmux[of], "our `screen`": result.screen[of] },
  });
  const aim = { is: "at least", bound: 0.5, times: "tmux capture-pane" } as const;
  return [
    { measure, unit: "/s", ...figures("perSecond"), aim },
    { measure: `${measure}, p50`, unit: "ms", ...figures("p50") },
  ];
}

async function captures(tmux: CaptureClient, { lines, format }: Page): Promise<Rate> {
  const capture = { pane: "full", from: FROM - KEPT, lines, isStyled: format === "styled" };
  const samplesMs: number[] = [];
  const startedAtMs = performance.now();
  while (performance.now() < startedAtMs + ORDER.durationMs) samplesMs.push(await timed(() => tmux.capture(capture)));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  return { perSecond: samplesMs.length / seconds, p50: percentile(samplesMs, 0.5) };
}

async function disturb(neighbour: Neighbour): Promise<Line[]> {
  const { socketPath } = neighbour.server;
  const reads = (format: Format) => () => {
    const path = `/sessions/full/scrollback?format=${format}&limit=${KEPT}`;
    return figuresOf(felt(neighbour, load({ ...ORDER, durationMs: DISTURBED_MS, socketPath, path })));
  };
  const rest = () => figuresOf(felt(neighbour, pause(DISTURBED_MS)));
  const { styled, plain, quiet } = await alternate(ROUNDS, {
    styled: reads("styled"),
    plain: reads("plain"),
    quiet: rest,
  });
  const meanwhile = `while ${KEPT} lines are read in a loop`;
  const line = (says: string, of: "screenP99" | "echoP99", format: Format): Line => ({
    measure: `${says} of another session of that host ${meanwhile}, ${format}, p99`,
    unit: "ms",
    fleetty: (format === "styled" ? styled : plain)[of],
    beside: { "nothing is read": quiet[of] },
    aim: { is: "at most", bound: 20 },
  });
  return [
    line("`screen`", "screenP99", "plain"),
    line("`screen`", "screenP99", "styled"),
    line("keystroke to echo", "echoP99", "plain"),
    line("keystroke to echo", "echoP99", "styled"),
  ];
}

async function figuresOf(feeling: ReturnType<typeof felt>) {
  const { echoP99, screenP99 } = await feeling;
  return { echoP99, screenP99 };
}
