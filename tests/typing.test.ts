// What is typed into real programs by meaning: keys by name, pastes, and inputs under an id, by HTTP, by the command line and by the client.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Client } from "@fleetty/client";
import type { Answer } from "./harness/http.ts";
import { fixture, installed } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const vim = installed("vim", "vim.tiny", "vi");
const less = installed("less");
const bash = installed("bash");

let server: TestServer;
let client: Client;

before(async () => {
  server = await startServer();
  client = server.client();
});

after(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

async function start(name: string, argv: readonly string[], more: object = {}): Promise<void> {
  const { status, json } = await server.ask({ path: "/sessions", body: { name, argv, ...more } });
  assert.equal(status, 201, JSON.stringify(json));
}

/** Resolves when a row of the screen matches. */
async function shows(session: string, regex: string): Promise<void> {
  const answer = await client.sessions.wait({ session, until: { pattern: { regex, on: "screen" } }, screen: "plain" });
  assert.equal(answer.reason, "pattern", `${regex} was never shown: ${JSON.stringify(answer.screen)}`);
}

/** Resolves when the program has printed it since the position, with the text that matched. */
async function prints(session: string, regex: string, since: object = { offset: 0 }): Promise<string> {
  const until = { pattern: { regex, on: "output" } };
  const { json } = await server.ask({ path: `/sessions/${session}/wait`, body: { since, until } });
  assert.equal(json.reason, "pattern", `${regex} was never printed: ${JSON.stringify(json)}`);
  return json.match.text;
}

/** By HTTP. */
function press(session: string, ...keys: readonly unknown[]): Promise<Answer> {
  return server.ask({ path: `/sessions/${session}/keys`, body: { keys } });
}

function literally(text: string): string {
  return text.replace(/[[\]\\^$.|?*+(){}]/g, "\\$&");
}

describe("keys", () => {
  it("reach a raw program as xterm would send them, and the answer counts their bytes", async () => {
    await start("raw", [fixture("read-raw")]);
    await shows("raw", "ready");
    const { status, json } = await press("raw", "Up", "C-c", { text: "yes" }, { key: "Shift+F5" }, "é", "Enter");
    assert.deepEqual([status, json.bytes], [200, 3 + 1 + 3 + 7 + 2 + 1]);
    await prints("raw", literally("^[[A^Cyes^[[15;2~M-CM-)^M"), json);
    const { code, stdout, stderr } = await server.fleetty(["keys", "raw", "--text", "-x", "Down", "--text=a b", "C--"]);
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    await prints("raw", literally("-x^[[Ba b-"), json);
    const repeated = await client.sessions.keys({ session: "raw", keys: ["Tab", "Left"], repeat: 3 });
    assert.equal(repeated.bytes, 12);
    await prints("raw", literally("^I^[[D^I^[[D^I^[[D"), repeated);
  });

  it("are sent for the modes that the program has set by then", async () => {
    await start("modes", [fixture("read-raw"), "\\033[?1h\\033=\\033[20h\\033[>4;2m"]);
    await shows("modes", "ready");
    const { json } = await press("modes", "Up", "End", "C-Up", "Enter", "C-w", "F1");
    await prints("modes", literally("^[OA^[OF^[[1;5A^M$"), json);
    await prints("modes", literally("^[[27;5;119~^[OP"), json);
  });

  it("edit and save a file in vim", { skip: vim.skip }, async () => {
    const file = join(server.home.root, "note.txt");
    writeFileSync(file, "one\ntwo\nthree\n");
    await start("vim", [vim.path, "-u", "NONE", "-N", "-n", file], { env: { TERM: "xterm-256color" } });
    await shows("vim", "^three");
    const edit = ["keys", "vim", "Down", "Down", "Home", "i", "--text", "before ", "End", "--text", " after", "Escape"];
    assert.equal((await server.fleetty(edit)).code, 0);
    await shows("vim", "^before three after");
    await press("vim", "Up", "d", "d", { text: ":wq" }, "Enter");
    assert.equal((await client.sessions.wait({ session: "vim" })).exit_code, 0);
    assert.equal(readFileSync(file, "utf8"), "one\nbefore three after\n");
  });

  it("page through a file in less", { skip: less.skip }, async () => {
    const file = join(server.home.root, "long.txt");
    writeFileSync(file, Array.from({ length: 500 }, (_, n) => `line ${n + 1}\n`).join(""));
    await start("less", [less.path, file], { env: { TERM: "xterm-256color", LESS: "" } });
    await shows("less", "^line 1$");
    await press("less", "PageDown");
    await shows("less", "^line 46$");
    await press("less", "G");
    await shows("less", "^line 500$");
    await press("less", "g", "Down");
    await shows("less", "^line 24$");
    await press("less", "Escape", "u", "/", { text: "line 300" }, "Enter");
    await shows("less", "^line 300$");
    await press("less", "q");
    assert.equal((await client.sessions.wait({ session: "less" })).exit_code, 0);
  });

  it("recall and edit a command at a shell's prompt", { skip: bash.skip }, async () => {
    await start("shell", [bash.path, "--norc", "--noprofile"], { env: { PS1: "here> ", TERM: "xterm-256color" } });
    await shows("shell", "^here>$");
    await press("shell", { text: "echo first" }, "Enter");
    await prints("shell", "^first$");
    await press("shell", "Up", "M-BS", { text: "second" }, "Home", "Delete", "e", "Enter");
    await prints("shell", "^second$");
    await press("shell", "C-d");
    assert.equal((await client.sessions.wait({ session: "shell" })).exit_code, 0);
  });
});

describe("a paste", () => {
  it("is one text in brackets to a program that asked for them, and lines to one that did not", async () => {
    await start("bracketed", [fixture("read-raw"), "\\033[?2004h"]);
    await start("unbracketed", [fixture("read-raw")]);
    const text = "one\ntwo\tthree\x1b[201~\x03 é\r\n";
    for (const [session, said] of [
      ["bracketed", "^[[200~one^Mtwo^Ithree M-CM-)^M^[[201~^M"],
      ["unbracketed", "one^Mtwo^Ithree M-CM-)^M^M"],
    ] as const) {
      await shows(session, "ready");
      const pasted = await client.sessions.paste({ session, text, enter: true });
      assert.equal(pasted.bracketed, session === "bracketed");
      await prints(session, `${literally(said)}$`, pasted);
    }
    const never = await client.sessions.paste({ session: "bracketed", text: "bare", bracketed: "never" });
    assert.equal(never.bracketed, false);
    await prints("bracketed", "~\\^Mbare$");
  });

  it("of several commands is not run by a shell until Enter is pressed", { skip: bash.skip }, async () => {
    const env = { PS1: "here> ", TERM: "xterm-256color", INPUTRC: join(server.home.root, "inputrc") };
    writeFileSync(env.INPUTRC, "set enable-bracketed-paste on\n");
    await start("careful", [bash.path, "--norc", "--noprofile"], { env });
    await shows("careful", "^here>$");
    const script = "echo one-$((1 + 1))\necho two-$((1 + 1))";
    const { code, stdout, stderr } = await server.fleetty(["paste", "careful", "--bracketed", "require"], {
      stdin: script,
    });
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    await shows("careful", "^echo two-");
    const { json } = await press("careful", "Enter");
    await prints("careful", "^one-2$", json);
    await prints("careful", "^two-2$", json);
    await press("careful", "C-d");
    await client.sessions.wait({ session: "careful" });
  });

  it("goes whole into vim, as text and not as commands", { skip: vim.skip }, async () => {
    const file = join(server.home.root, "pasted.txt");
    await start("paste-vim", [vim.path, "-u", "NONE", "-N", "-n", file], { env: { TERM: "xterm-256color" } });
    await shows("paste-vim", "^~$");
    const text = Array.from({ length: 200 }, (_, n) => `:line ${n}\tdd`).join("\n");
    await press("paste-vim", "i");
    assert.equal((await client.sessions.paste({ session: "paste-vim", text })).bracketed, true);
    await shows("paste-vim", "^:line 199");
    await press("paste-vim", "Escape", { text: ":wq" }, "Enter");
    assert.equal((await client.sessions.wait({ session: "paste-vim" })).exit_code, 0);
    assert.equal(readFileSync(file, "utf8"), `${text}\n`);
  });

  it("of the longest line that the kernel keeps arrives whole in line mode; a longer one is refused", async () => {
    await start("lines", [fixture("measure-lines")]);
    await shows("lines", "ready");
    const longest = "x".repeat(4095);
    const fitting = await client.sessions.paste({ session: "lines", text: `${longest}\n${longest}`, enter: true });
    await prints("lines", "^got 4095$", fitting);
    const cut = await client.sessions.input({ session: "lines", data: Buffer.from(`${longest}lost\r`) });
    assert.equal(await prints("lines", "^got .*$", cut), "got 4095", "input is typed as it is, and the kernel cuts it");
    const refused = await server.fleetty(["paste", "lines", `short\n${longest}x`]);
    assert.deepEqual([refused.code, refused.stderr.includes("[line_too_long]")], [5, true]);
    const next = await client.sessions.paste({ session: "lines", text: "next", enter: true });
    assert.equal(await prints("lines", "^got .*$", next), "got 4", "nothing of it was typed");
  });

  it("into a prompt for a password is refused, and goes through once echo is on again", async () => {
    await start("secret", ["/bin/sh", "-c", `${fixture("ask-password")}; read -r line; echo "line $line"`]);
    await shows("secret", "Password:");
    const asked = { path: "/sessions/secret/paste", body: { text: "not a password", enter: true, input_id: "p" } };
    assertRefused(await server.ask(asked), "secret_prompt");
    await press("secret", { text: "1234" }, "Enter");
    await shows("secret", "got 4 characters");
    await waitUntil("the paste goes through", async () => (await server.ask(asked)).status === 200);
    await prints("secret", "^line not a password$");
  });
});

describe("an input under an id", () => {
  it("is typed once, whatever was sent again, also after the server was killed and started again", async () => {
    await start("once", [fixture("read-raw")]);
    await shows("once", "ready");
    const asked = { path: "/sessions/once/input?input_id=a1&client=story", body: "typed," };
    const first = await server.ask(asked);
    const { generation, offset } = first.json;
    assert.deepEqual(first.json, { generation, offset, input_id: "a1" });
    const again = { generation, offset, input_id: "a1", duplicate: true };
    assert.deepEqual((await server.ask(asked)).json, again);
    const pressed = await client.sessions.keys({ session: "once", keys: ["F1"], input_id: "k1", client: "story" });
    await server.kill();
    await server.start();
    const answers = await Promise.all(Array.from({ length: 5 }, () => server.ask(asked)));
    for (const { status, json } of answers) assert.deepEqual([status, json], [200, again]);
    const { duplicate, ...same } = await client.sessions.keys({
      ...{ session: "once", keys: ["F1"], input_id: "k1", client: "story" },
    });
    assert.deepEqual([duplicate, same], [true, pressed]);
    const sent = await server.fleetty(["send", "once", "end", "--input-id", "a1", "--client", "other", "--json"]);
    assert.equal(JSON.parse(sent.stdout).duplicate, undefined);
    await prints("once", "end");
    assert.equal(await prints("once", "ready .*"), "ready typed,^[OPend");
  });

  it("that was lost with the server is typed by its repetition, or had been: once in either case", async () => {
    await start("lost", [fixture("read-raw")]);
    await shows("lost", "ready");
    for (let round = 0; round < 5; round += 1) {
      const asks = [1, 2, 3].map((n) => ({
        path: `/sessions/lost/input?input_id=${round}-${n}`,
        body: `<${round}.${n}>`,
      }));
      const flying = asks.map((asked) => server.ask(asked).catch(() => null));
      await server.kill();
      await Promise.all(flying);
      await server.start();
      for (const asked of asks) assert.equal((await server.ask(asked)).status, 200);
    }
    await press("lost", { text: "end" });
    const text = await prints("lost", "ready .*end");
    const typed = [...text.matchAll(/<\d\.\d>/g)].map(([one]) => one).sort();
    const all = [0, 1, 2, 3, 4].flatMap((round) => [1, 2, 3].map((n) => `<${round}.${n}>`));
    assert.deepEqual(typed, all, text);
  });

  it("answers the prompt that was read, and no other", async () => {
    await start("ask", [
      "/bin/sh",
      "-c",
      "printf 'Overwrite? '; read -r a; printf 'Delete all? '; read -r b; echo $a-$b",
    ]);
    await shows("ask", "Overwrite\\?");
    const { epoch } = (await client.sessions.screen({ session: "ask", format: "plain" })) as { epoch: number };
    assert.equal((await server.fleetty(["keys", "ask", "y", "Enter", "--if-epoch", `${epoch}`])).code, 0);
    await shows("ask", "Delete all\\?");
    const late = await server.fleetty(["send", "ask", "y", "--enter", "--if-epoch", `${epoch}`]);
    assert.deepEqual([late.code, late.stderr.includes("[screen_changed]")], [5, true]);
    await press("ask", "n", "Enter");
    await prints("ask", "^y-n$");
  });
});
