// What MCP costs an agent: a tool's call over stdio and over HTTP beside the plain operation, and the bytes of a day's work in
// ten steps by `run` and deltas beside the whole screen after each step.
import { type McpClient, mcpOverHttp, mcpOverStdio } from "../tests/harness/mcp.ts";
import { startServer } from "../tests/harness/server.ts";
import { alternate, latency, timed } from "./measure.ts";
import type { Line } from "./table.ts";

const ROUNDS = 5;
const CALLS_A_ROUND = 40;
/** By which a screen is taken to be the last one of a step. */
const QUIET_MS = 200;
/** What an agent does on a machine: look, build, look again, page through a text. */
const STEPS: readonly ({ readonly command: string } | { readonly keys: readonly string[] })[] = [
  { command: "uname -a" },
  { command: "ls /etc | head -20" },
  { command: "cd /usr && pwd" },
  { command: "for i in 1 2 3 4 5; do echo building $i; done" },
  { command: "ls nothing-here" },
  { command: "seq 1 100 | tail -5" },
  { command: "git --version" },
  { keys: [..."seq 1 500 | less", "Enter"] },
  { keys: ["j"] },
  { keys: ["q"] },
];

export async function mcp(): Promise<Line[]> {
  await using server = await startServer({ tcp: true });
  await using overHttp = await mcpOverHttp(server);
  await using overStdio = await mcpOverStdio(server);
  using client = server.client();
  const session = "agent";
  await client.sessions.create({ name: session, argv: ["bash"], rows: 50, cols: 120 });
  await client.sessions.run({ session, command: "echo warm" });
  const reading = await alternate(ROUNDS, {
    plain: () => many(() => client.sessions.screen({ session, format: "plain" })),
    http: () => many(() => overHttp.json("get_screen", { session })),
    stdio: () => many(() => overStdio.json("get_screen", { session })),
  });
  const running = await alternate(ROUNDS, {
    plain: () => many(() => client.sessions.run({ session, command: "true" })),
    http: () => many(() => overHttp.json("run", { session, command: "true" })),
    stdio: () => many(() => overStdio.json("run", { session, command: "true" })),
  });
  return [...added("get_screen", reading), ...added("run", running), await bytesLine(overHttp)];
}

async function many(act: () => Promise<unknown>) {
  const samplesMs: number[] = [];
  for (let call = 0; call < CALLS_A_ROUND; call++) samplesMs.push(await timed(act));
  return latency(samplesMs);
}

type Way = "plain" | "http" | "stdio";

/** What each way takes longer than the operation over HTTP itself. */
function added(tool: string, figures: Readonly<Record<Way, { readonly p50: number }>>): Line[] {
  return (["http", "stdio"] as const).map((way) => ({
    measure: `\`${tool}\` by MCP over ${way === "http" ? "HTTP" : "stdio"}, p50, beyond the operation over HTTP`,
    unit: "ms",
    fleetty: figures[way].p50 - figures.plain.p50,
    beside: { "the operation over HTTP, in all": figures.plain.p50 },
    aim: { is: "at most", bound: 1.5 },
  }));
}

async function bytesLine(agent: McpClient): Promise<Line> {
  const small = await bytesOf(agent, "small", smallStep);
  const whole = await bytesOf(agent, "whole", wholeStep);
  return {
    measure: `what an agent reads of ${STEPS.length} steps by \`run\` and deltas`,
    unit: "bytes",
    fleetty: small,
    beside: { "the whole screen after each step": whole },
    aim: { is: "at most", bound: 1 / 3, times: "the whole screen after each step" },
  };
}

type Step = (agent: McpClient, session: string, step: (typeof STEPS)[number]) => Promise<string>;

const smallStep: Step = async (agent, session, step) => {
  if ("command" in step) return (await agent.call("run", { session, command: step.command })).text;
  const { epoch } = await agent.json("get_screen", { session });
  await agent.json("send_keys", { session, keys: step.keys });
  await agent.json("await_idle", { session, timeout_ms: QUIET_MS });
  return (await agent.call("get_screen", { session, since_epoch: epoch })).text;
};

const wholeStep: Step = async (agent, session, step) => {
  const keys = "command" in step ? [{ text: step.command }, "Enter"] : step.keys;
  return (await agent.call("send_and_read", { session, keys, timeout_ms: QUIET_MS })).text;
};

async function bytesOf(agent: McpClient, session: string, act: Step): Promise<number> {
  await agent.json("create_session", { name: session, argv: ["bash"], rows: 50, cols: 120 });
  // It has worked there before: its screen is full.
  await agent.json("run", { session, command: "ls -l /usr/bin | head -60" });
  let bytes = 0;
  for (const step of STEPS) bytes += Buffer.byteLength(await act(agent, session, step));
  return bytes;
}
