// Measures fleetty beside its peers and prints one Markdown table; arguments pick rows by name, `--json` prints the figures
// for programs. Asserts nothing: a figure belongs to the machine and the hour. What a row starts it ends.

import { attention } from "./attention.ts";
import { create } from "./create.ts";
import { fleet } from "./fleet.ts";
import { flood } from "./flood.ts";
import { hosts } from "./hosts.ts";
import { hub } from "./hub.ts";
import { input } from "./input.ts";
import { keystroke } from "./keystroke.ts";
import { knowing } from "./knowing.ts";
import { list } from "./list.ts";
import { loop } from "./loop.ts";
import { mcp } from "./mcp.ts";
import { memory } from "./memory.ts";
import { randomRequests } from "./random-requests.ts";
import { restart } from "./restart.ts";
import { screen } from "./screen.ts";
import { scrollback } from "./scrollback.ts";
import { subscriptions } from "./subscriptions.ts";
import { isMet, type Line, markdown, ratio } from "./table.ts";
import { viewers } from "./viewers.ts";

const rows: Readonly<Record<string, () => Promise<Line[]>>> = {
  keystroke,
  screen,
  scrollback,
  input,
  create,
  flood,
  hosts,
  memory,
  list,
  viewers,
  subscriptions,
  restart,
  hub,
  fleet,
  loop,
  knowing,
  attention,
  mcp,
  "random-requests": randomRequests,
};

const words = process.argv.slice(2);
const asJson = words.includes("--json");
const wanted = words.filter((word) => word !== "--json");
const unknown = wanted.filter((name) => !(name in rows));
if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(", ")}; there are ${Object.keys(rows).join(", ")}`);
  process.exit(2);
}

// An interrupt reaches the servers too: the row that stands on them fails, cleans up, and is the last.
let isInterrupted = false;
process.on("SIGINT", () => {
  isInterrupted = true;
});

const lines: Line[] = [];
for (const [name, run] of Object.entries(rows)) {
  if (isInterrupted || (wanted.length > 0 && !wanted.includes(name))) continue;
  console.error(`── ${name}`);
  try {
    lines.push(...(await run()));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}
const told = lines.map((line) => ({ ...line, ratio: ratio(line), met: isMet(line) }));
console.log(asJson ? JSON.stringify(told, null, 2) : markdown(lines));
