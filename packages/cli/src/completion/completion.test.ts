// Completion: what may come next, by the table; and that bash, zsh and fish really complete with it, by the real binary.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import { installed } from "../../../../tests/harness/programs.ts";
import { KeptCli } from "../../test/kept-cli.ts";
import { OwnFleet } from "../../test/own-fleet.ts";
import { SHELLS, startShell } from "../../test/shells.ts";
import { commandRows } from "../commands.ts";

const fleet = new OwnFleet();
let kept: KeptCli;

before(async () => {
  assert.equal((await fleet.fleetty("server", "start")).code, 0);
  await fleet.fleetty("new", "build-live", "--tags", "ci,nightly", "--", "cat");
  await fleet.fleetty("new", "build-over", "--", "true");
  await fleet.fleetty("wait", "build-over");
  kept = new KeptCli(fleet.env);
});

after(async () => {
  await kept[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
});

async function candidates(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await kept.run(["completion", "--candidates", "--", ...words]);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")[0] as string]));
}

describe("what a command line may go on with", () => {
  it("is every command there is, and its second word where it has one", async () => {
    const all = await candidates("");
    for (const { cli } of commandRows()) assert.ok(all.includes(cli.command.split(" ")[0] as string), cli.command);
    assert.equal(new Set(all).size, all.length);
    assert.deepEqual((await candidates("scr")).toSorted(), ["screen", "screen-mode", "scrollback"]);
    assert.deepEqual((await candidates("server", "sta")).toSorted(), ["start", "status"]);
    assert.deepEqual(await candidates("session-host", ""), ["status", "stop"]);
    assert.deepEqual(await candidates("completion", ""), ["bash", "zsh", "fish"]);
    assert.deepEqual(await candidates("skills", ""), ["show", "install"]);
    assert.deepEqual(await candidates("skills", "show", "vis"), ["visual-feedback"]);
    assert.deepEqual(await candidates("nonsense", ""), []);
  });

  it("is every option of a command, those of its schema, of its own and of all", async () => {
    for (const [words, flags] of [
      [["new"], ["--command", "--cwd", "--time-limit-ms", "--tags", "--json", "--help", "-L"]],
      [
        ["wait", "x"],
        ["--pattern", "--in", "--max-wait-ms", "--tag", "--on"],
      ],
      [["kill"], ["--tag", "--dry-run", "--grace-ms"]],
    ] as const) {
      const all = await candidates(...words, "-");
      for (const flag of flags) assert.ok(all.includes(flag), `${words.join(" ")} ${flag}: ${all}`);
    }
    assert.ok(!(await candidates("screen", "x", "-")).includes("--session"));
    assert.deepEqual(await candidates("--js"), ["--json"]);
    assert.deepEqual(await candidates("top", "--on"), ["--once"]);
    assert.deepEqual(await candidates("mcp", "--to"), ["--tool-prefix", "--token-file"]);
    assert.deepEqual((await candidates("compat", "wsh", "-")).toSorted(), [
      ...["--dir", "--help", "--instance", "--json", "--remove", "-L", "-h"],
    ]);
    assert.deepEqual(await candidates("skills", "install", "--dir", ""), await candidates("--socket", ""));
  });

  it("is the words that an option or a member takes, also behind an equals sign, and in the pieces of bash", async () => {
    assert.deepEqual(await candidates("screen", "x", "--format", ""), ["styled", "plain"]);
    assert.deepEqual(await candidates("screen", "x", "--format=p"), ["--format=plain"]);
    assert.deepEqual(await candidates("screen", "x", "--format", "=", "p"), ["plain"]);
    assert.deepEqual(await candidates("screen", "x", "--format", "="), ["styled", "plain"]);
    assert.deepEqual(await candidates("ls", "--include", ""), ["exited", "unreachable"]);
    assert.deepEqual(await candidates("wait", "x", "--in", "s"), ["screen"]);
    assert.deepEqual(await candidates("signal", "x", "SIGUSR"), ["SIGUSR1", "SIGUSR2"]);
    assert.deepEqual(await candidates("signal", "--tag", "ci", "SIGUSR"), ["SIGUSR1", "SIGUSR2"]);
  });

  it("is the presets of the server", async () => {
    assert.deepEqual(await candidates("new", "x", "--preset", "c"), ["claude", "codex"]);
  });

  it("is any operation of the table and its members, by name", async () => {
    const names = (Object.values(operations) as AnyOperation[]).map(({ name }) => name);
    assert.deepEqual(await candidates("api", ""), names);
    assert.deepEqual(await candidates("api", "sessions.screen", "f"), ["format="]);
    assert.deepEqual(await candidates("api", "sessions.screen", "format", "=", "s"), ["styled"]);
  });

  it("is the sessions there are, with those that have ended where the command is of use for them", async () => {
    assert.deepEqual(await candidates("attach", "bui"), ["build-live"]);
    assert.deepEqual(await candidates("send", ""), ["build-live"]);
    assert.deepEqual((await candidates("screen", "build-")).toSorted(), ["build-live", "build-over"]);
    assert.deepEqual(await candidates("resize", "--rows", "5", "b"), ["build-live"]);
    assert.deepEqual(await candidates("rename", "build-live", ""), []);
    assert.deepEqual(await candidates("--socket", join(fleet.folder, "fleetty/default.http.sock"), "attach", ""), [
      "build-live",
    ]);
  });

  it("is the tags that sessions have, one after the other", async () => {
    assert.deepEqual(await candidates("ls", "--tag", ""), ["ci", "nightly"]);
    assert.deepEqual(await candidates("kill", "--tag", "ci,"), ["ci,nightly"]);
    assert.deepEqual(await candidates("tag", "build-live", "--remove", "n"), ["nightly"]);
  });

  it("is a file where one is wanted, and nothing where nobody knows", async () => {
    assert.deepEqual(await candidates("--token-file", ""), [":files"]);
    assert.deepEqual(await candidates("new", "--cwd", ""), [":files"]);
    assert.deepEqual(await candidates("new", "--", ""), [":files"]);
    assert.deepEqual(await candidates("send", "build-live", ""), []);
    assert.deepEqual(await candidates("send", "build-live", "--", ""), []);
  });

  it("is nothing, without a word, where no server runs, and starts none", async () => {
    assert.deepEqual(await candidates("-L", "nobody", "attach", ""), []);
    assert.deepEqual(await candidates("-L", "not/a/name", "attach", ""), []);
    assert.deepEqual(await candidates("--url", "http://127.0.0.1:1", "attach", ""), []);
    assert.equal((await fleet.fleetty("-L", "nobody", "ls")).code, 8);
  });

  it("is told for one of three shells; another is refused with their names", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await fleet.fleetty("completion", shell);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^#.*completion.* ${shell}`, "m"));
    }
    for (const args of [[], ["tcsh"], ["--candidates"]]) {
      const { code, stdout, stderr } = await fleet.fleetty("completion", ...args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /bash\|zsh\|fish/);
    }
  });
});

describe("Tab", () => {
  for (const shell of SHELLS) {
    const { path, skip } = installed(shell);
    it(`completes commands, options, words and sessions in ${shell}`, { skip }, async () => {
      const user = await startShell(shell, { path, home: join(fleet.folder, shell), env: fleet.env });
      try {
        const typed: [string, RegExp][] = [
          ["fleetty scrol\t", /\$ fleetty scrollback$/],
          ["build-l\t", /\$ fleetty scrollback build-live$/],
          ["--form\t", /\$ fleetty scrollback build-live --format$/],
          ["pl\t", /\$ fleetty scrollback build-live --format plain$/],
        ];
        for (const [keys, shows] of typed) {
          user.type(keys);
          await user.until(`${JSON.stringify(keys)} is completed`, (text) => shows.test(text));
        }
        user.type("\x15fleetty screen build-live --format=st\t");
        await user.until("a word behind an equals sign", (text) => /build-live --format=styled$/.test(text));
        user.type("\x15fleetty api sessions.scrol\t");
        await user.until("an operation", (text) => /\$ fleetty api sessions\.scrollback$/.test(text));
        user.type("form\tpl\t");
        await user.until("a member and its word", (text) => /scrollback format=plain$/.test(text));
        user.type("\x15fleetty new --cwd /bi\t");
        await user.until("a file", (text) => /fleetty new --cwd \/bin\/?$/.test(text));
      } finally {
        user.close();
      }
    });
  }
});
