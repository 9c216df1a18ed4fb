// Plays situations whose name, or that of their list, contains an argument, and shows at each of their moments what is really there: the screen, the
// modes of the terminal and its processes, and what the product says. For whoever adds one: look whether its truth is true.
import { execFileSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { startServer, type TestServer } from "../harness/server.ts";
import type { TestSession } from "../harness/session.ts";
import { PRESETS } from "./configured-presets.ts";
import { startOrdinaryServer } from "./ordinary-server.ts";
import { ScratchUser } from "./scratch-user.ts";
import { allSituations } from "./situations.ts";
import { play } from "./stage.ts";

/** Time for a program to get from what it has printed to what it waits in: this is for eyes, which are slow too. */
const SETTLED_MS = 300;
const AT_ONCE = 6;

const parts = process.argv.slice(2);
const listed = await allSituations();
const isAsked = (text: string) => parts.length === 0 || parts.some((part) => text.includes(part));
const wanted = listed.filter(({ list, situation }) => isAsked(`${list} ${situation.name}`)).map((one) => one.situation);

// Only root can make an ordinary user.
using _ = process.getuid?.() === 0 ? new ScratchUser() : null;
await using ordinary = wanted.some(({ server }) => server === "ordinary") ? await startOrdinaryServer() : null;
await using usual = await startServer({ config: PRESETS });
await Promise.all(Array.from({ length: AT_ONCE }, lookAtTheNext));

async function lookAtTheNext(): Promise<void> {
  for (let situation = wanted.shift(); situation !== undefined; situation = wanted.shift()) {
    const seen = [`\n════ ${situation.name}`];
    try {
      const server = situation.server === "ordinary" ? (ordinary as TestServer) : usual;
      await play(server, situation, async (session, { truth }, at) => {
        seen.push(`──── moment ${at}: ${truth.join(" or ")}`, await look(session));
      });
    } catch (thrown) {
      seen.push(`!!!! ${(thrown as Error).message}`);
    }
    console.log(seen.join("\n"));
  }
}

async function look(session: TestSession): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const { json: screen } = await session.ask("/screen?format=plain");
  const lines = (screen.lines as string[]).filter((line) => line !== "").slice(-6);
  const { pid, state } = await session.info();
  if (state !== "running") return [...lines, `  (${state})`].join("\n");
  const terminal = readlinkSync(`/proc/${pid}/fd/0`).replace("/dev/", "");
  const { status, json } = await session.ask("/explain");
  const said = status === 200 ? [`  → ${json.attention} ${json.confidence} ${JSON.stringify(json.evidence)}`] : [];
  return [...lines, `  ${modesOf(terminal)}`, processesOf(terminal), ...said].join("\n");
}

function processesOf(terminal: string): string {
  const columns = "pid,pgid,tpgid,stat,wchan:20,args";
  return execFileSync("ps", ["-t", terminal, "-o", columns, "--no-headers"], { encoding: "utf8" }).trimEnd();
}

function modesOf(terminal: string): string {
  const text = execFileSync("stty", ["-a", "-F", `/dev/${terminal}`], { encoding: "utf8" });
  return (text.match(/(?<=\s)-?(icanon|echo)(?=\s)/g) ?? []).join(" ");
}
