// `fleetty skills` through the real binary, without a server: the list, a document, and what installing does to a folder in
// which something is already.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SKILL_NAMES } from "@fleetty/hub/skills/skill-library";
import { runCli } from "../../test/run-cli.ts";

/** A home of its own, where nothing is yet. */
function skills(home: string, ...args: string[]) {
  return runCli(["skills", ...args], { env: { HOME: home, XDG_RUNTIME_DIR: home } });
}

describe("fleetty skills", () => {
  it("lists every skill with when to use it, and prints one as it stands", async () => {
    const [listed, asJson, shown] = await Promise.all([
      skills("/nowhere"),
      skills("/nowhere", "--json"),
      skills("/nowhere", "show", "tui"),
    ]);
    for (const name of SKILL_NAMES) assert.match(listed.stdout, new RegExp(`^${name}\n {4}Use when `, "m"));
    assert.deepEqual(
      JSON.parse(asJson.stdout).map(({ name }: { name: string }) => name),
      SKILL_NAMES,
    );
    assert.equal(shown.stdout, readFileSync(join(import.meta.dirname, "../../../../skills/tui/SKILL.md"), "utf8"));
  });

  it("refuses what it does not know, and says what there is", async () => {
    for (const [words, says] of [
      [["show", "vi"], /there is no skill "vi"; there are core, /],
      [["show"], /see fleetty skills --help/],
      [["show"], /needs the name of one to show; see fleetty skills --help/],
      [["remove"], /does not take "remove"/],
      [["install", "x"], /does not take "install x"/],
      [["install", "--into", "x"], /unknown option '--into'; see fleetty skills --help/],
      [["install", "--dir="], /needs a folder after --dir/],
      [["install", "--dir"], /'--dir <DIR>' argument missing/],
      [["show", "core", "--dir", "x"], /--dir with install only/],
      [["--url", "http://127.0.0.1:1"], /unknown option '--url'/],
    ] as const) {
      const { code, stdout, stderr } = await skills("/nowhere", ...words);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, says);
    }
  });
});

describe("installing the skills", () => {
  it("puts each in a folder of its own name, once, and then leaves it", async () => {
    using home = mkdtempDisposableSync("/tmp/ft-");
    const first = await skills(home.path, "install");
    assert.equal(first.code, 0, first.stderr);
    const folder = join(home.path, ".claude/skills");
    assert.deepEqual(readdirSync(folder).toSorted(), SKILL_NAMES.map((name) => `fleetty-${name}`).toSorted());
    const [, head = ""] = readFileSync(join(folder, "fleetty-tui/SKILL.md"), "utf8").split("---\n");
    assert.match(head, /^name: fleetty-tui\ndescription: Use when /);
    const again = await skills(home.path, "install", "--dir", folder, "--json");
    assert.ok(JSON.parse(again.stdout).every(({ did }: { did: string }) => did === "unchanged"));
  });

  it("replaces what an earlier version wrote, also one that stopped half-way", async () => {
    using home = mkdtempDisposableSync("/tmp/ft-");
    for (const name of ["fleetty-core", "fleetty-tui"]) mkdirSync(join(home.path, name));
    writeFileSync(join(home.path, "fleetty-core/SKILL.md"), "an earlier text");
    const prints = ["an earlier text", "a later one"].map((text) => createHash("sha256").update(text).digest("hex"));
    writeFileSync(join(home.path, "fleetty-core/.fleetty"), prints.join("\n"));
    const { stdout, code } = await skills(home.path, "install", `--dir=${home.path}`, "--json");
    assert.equal(code, 0);
    const did = Object.fromEntries(JSON.parse(stdout).map((one: { name: string; did: string }) => [one.name, one.did]));
    assert.deepEqual([did["fleetty-core"], did["fleetty-tui"]], ["updated", "written"]);
    assert.match(readFileSync(join(home.path, "fleetty-core/SKILL.md"), "utf8"), /^name: fleetty-core$/m);
  });

  it("leaves what is somebody else's, and then writes nothing at all", async () => {
    const theirs: Record<string, (folder: string) => void> = {
      "a document of their own": (folder) => {
        mkdirSync(folder);
        writeFileSync(join(folder, "SKILL.md"), "mine");
      },
      "a document that leads elsewhere": (folder) => {
        mkdirSync(folder);
        symlinkSync("/nowhere", join(folder, "SKILL.md"));
      },
      "a folder that leads elsewhere": (folder) => symlinkSync("/tmp", folder),
    };
    for (const [what, make] of Object.entries(theirs)) {
      using home = mkdtempDisposableSync("/tmp/ft-");
      make(join(home.path, "fleetty-tui"));
      const { code, stderr } = await skills(home.path, "install", "--dir", home.path);
      assert.equal(code, 2, what);
      assert.match(stderr, /fleetty-tui.* is not as fleetty wrote it, so nothing was installed/, what);
      assert.equal(existsSync(join(home.path, "fleetty-core")), false, what);
    }
  });

  it("says of a place that cannot be used which that is", async () => {
    const { code, stderr } = await skills("/nowhere", "install", "--dir", "/dev/null/skills");
    assert.equal(code, 2);
    assert.match(stderr, /\/dev\/null\/skills\/fleetty-[a-z-]+ cannot be used \(ENOTDIR\)/);
  });
});
