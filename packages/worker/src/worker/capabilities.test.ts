// What a machine is said to offer: programs that can be started, on the PATH that sessions have, and no more than there is.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempDisposableSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Capabilities } from "./capabilities.ts";

describe("what a machine offers", () => {
  it("are the shells and tools that sessions find, and what there is of processors, memory and disk", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const [first, second] = [join(folder.path, "first"), join(folder.path, "second")];
    for (const path of [first, second]) mkdirSync(path);
    symlinkSync("/bin/sh", join(second, "bash"));
    writeFileSync(join(first, "zsh"), "no program");
    mkdirSync(join(first, "fish"));
    writeFileSync(join(second, "dash"), "#!/bin/sh\n");
    chmodSync(join(second, "dash"), 0o755);
    const environment = { PATH: `${first}:${second}` };
    const program = (name: string, script: string) =>
      writeFileSync(join(first, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    program("claude", `echo "$1" >>'${folder.path}/asked'; echo '2.1.139 (Claude Code)'`);
    program("git", "exec sleep 1000");
    program("own-agent", `echo ran >>'${folder.path}/asked'`);
    const options = { stateDir: folder.path, maxSessions: 9, slots: 2, environment, versionWithinMs: 500 };
    const machine = new Capabilities();
    const { shells, tools, ...rest } = await machine.now(options, { tools: ["own-agent", "none"] });
    assert.deepEqual(shells, ["bash", "dash"]);
    const versions = async (asked: object) => (await machine.now(options, { tools: ["own-agent"], ...asked })).tools;
    const unknown = ["claude", "git", "own-agent"].map((name) => ({ name, version: null }));
    assert.deepEqual(tools, unknown);
    const [claude, ...others] = unknown;
    const known = [{ ...claude, version: "2.1.139" }, ...others];
    assert.deepEqual([await versions({ versions: true }), await versions({ versions: true })], [known, known]);
    await versions({ versions: true, refresh: true });
    // Once and again: those that a caller names are not run at all.
    assert.equal(readFileSync(join(folder.path, "asked"), "utf8"), "--version\n--version\n");
    assert.deepEqual([rest.max_sessions, rest.slots, rest.cpus], [9, 2, availableParallelism()]);
    assert.ok(rest.memory_bytes > 0 && rest.memory_bytes <= totalmem());
    assert.ok(rest.disk_free_bytes > 0);
  });
});
