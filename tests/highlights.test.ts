// What the menus of real programs have chosen, as the highlights of a screen tell it: live, on a member, after the end, and by
// every face that reads a screen.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { installed } from "./harness/programs.ts";
import type { TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const whiptail = installed("whiptail");
const dialog = installed("dialog");
const less = installed("less");
const fzf = installed("fzf");
const python = installed("python3");

/** A menu in inverse video, as curses programs make them. */
const CURSES = `
import curses
def menu(screen):
    chosen = 0
    while True:
        for row, word in enumerate(["apple", "pear", "plum"]):
            screen.addstr(row + 2, 4, word, curses.A_REVERSE if row == chosen else curses.A_NORMAL)
        screen.refresh()
        chosen = (chosen + (1 if screen.getch() == curses.KEY_DOWN else 2)) % 3
curses.wrapper(menu)
`;

interface Highlight {
  readonly row: number;
  readonly col: number;
  readonly text: string;
  readonly by: string;
}

let fleet: TestFleet;
let hub: TestServer;

before(async () => {
  fleet = await startFleet({ members: ["web-1"] });
  hub = fleet.hub;
});

after(() => fleet[Symbol.asyncDispose]());

async function start(name: string, argv: readonly string[], server = "hub-1"): Promise<void> {
  const { status, json } = await hub.ask({
    path: "/sessions",
    body: { name, argv, server, env: { TERM: "xterm-256color" } },
  });
  assert.equal(status, 201, JSON.stringify(json));
}

async function highlights(name: string): Promise<readonly Highlight[]> {
  return (await hub.ask({ path: `/sessions/${name}/screen?highlights=1` })).json.highlights;
}

/** Resolves when that text is what stands out in that way; `by`: not the cursor alone. */
async function chooses(name: string, text: RegExp, by: string): Promise<Highlight> {
  let seen: readonly Highlight[] = [];
  const find = async () => {
    seen = await highlights(name);
    return seen.find((one) => one.by === by && text.test(one.text));
  };
  return waitUntil(`${name} chooses ${text}`, find, { seen: () => seen });
}

async function press(name: string, ...keys: string[]): Promise<void> {
  assert.equal((await hub.ask({ path: `/sessions/${name}/keys`, body: { keys } })).status, 200);
}

const ITEMS = ["a", "apple pie", "b", "plum cake", "c", "cherry"];

describe("the highlights of a screen", () => {
  it("say what a menu of whiptail has chosen, and which button", { skip: whiptail.skip }, async () => {
    await start("whiptail", [whiptail.path, "--menu", "What to eat?", "15", "50", "5", ...ITEMS]);
    await chooses("whiptail", /apple pie/, "background");
    await press("whiptail", "Down");
    await chooses("whiptail", /plum cake/, "background");
    assert.ok(!(await highlights("whiptail")).some(({ text }) => /apple pie|What to eat/.test(text)));
    await press("whiptail", "Tab");
    await chooses("whiptail", /Ok/, "background");
  });

  it("say what a menu of dialog has chosen", { skip: dialog.skip }, async () => {
    await start("dialog", [dialog.path, "--menu", "What to eat?", "15", "50", "5", ...ITEMS]);
    await chooses("dialog", /apple pie/, "background");
    await press("dialog", "Down");
    await chooses("dialog", /plum cake/, "background");
    assert.ok(
      !(await highlights("dialog")).some(({ text, by }) => by !== "cursor" && /apple pie|What to eat/.test(text)),
    );
  });

  it("say where less has found something", { skip: less.skip }, async () => {
    await start("less", ["/bin/sh", "-c", `printf 'one\\ntwo needle three\\nfour\\n' | ${less.path} -p needle`]);
    const { text, col } = await chooses("less", /needle/, "inverse");
    assert.deepEqual([text, col], ["needle", 4]);
  });

  it("say which line of fzf is the present one", { skip: fzf.skip }, async () => {
    await start("fzf", ["/bin/sh", "-c", `printf 'apple\\npear\\nplum\\n' | ${fzf.path}`]);
    await chooses("fzf", /apple/, "background");
    await press("fzf", "Up");
    await chooses("fzf", /pear/, "background");
  });

  for (const server of ["hub-1", "web-1"])
    it(`say what a curses menu has chosen on ${server}, while the plain screen is what it was`, {
      skip: python.skip,
    }, async () => {
      const name = `curses-${server}`;
      await start(name, [python.path, "-c", CURSES], server);
      const { row, col, text } = await chooses(name, /apple/, "inverse");
      assert.deepEqual([row, col, text], [2, 4, "apple"]);
      const read = async (query: string) => (await hub.ask({ path: `/sessions/${name}/screen?${query}` })).json;
      // Kept answers are of those that asked for none, and the other way round.
      const answers = [
        await read(""),
        await read("highlights=1"),
        await read(""),
        await read("highlights=1&format=plain"),
      ];
      assert.deepEqual(
        answers.map((answer) => answer.highlights?.length),
        [undefined, answers[1].highlights.length, undefined, answers[1].highlights.length],
      );
      const { epoch } = answers[0];
      assert.equal((await read(`highlights=1&since_epoch=${epoch}`)).unchanged, true);
      await press(name, "Down");
      await chooses(name, /pear/, "inverse");
      const changed = await read(`highlights=1&since_epoch=${epoch}`);
      assert.ok(changed.changed.length > 0 && changed.highlights.some((one: Highlight) => one.text === "pear"));
      const { stdout } = await hub.fleetty(["screen", name, "--highlights"]);
      assert.match(stdout, /^ {4}plum\n[\s\S]*\n3:4 inverse pear\n/m);
    });

  it("are there of the last screen of a session that has ended", async () => {
    await start("ended", ["/bin/sh", "-c", "printf 'one \\033[7mtwo\\033[m three'"]);
    await hub.ask({ path: "/sessions/ended/wait", body: { until: { exit: true } } });
    assert.deepEqual(await highlights("ended"), [
      { row: 0, col: 0, text: "one two three", by: "cursor" },
      { row: 0, col: 4, text: "two", by: "inverse" },
    ]);
  });
});
