// What a machine is said to offer: programs that can be started, on the PATH that sessions have, and no more than there is.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { capabilities } from "./capabilities.ts";

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
    symlinkSync("/bin/sh", join(first, "claude"));
    symlinkSync("/bin/sh", join(first, "own-agent"));
    const options = { stateDir: folder.path, maxSessions: 9, slots: 2, environment };
    const { shells, tools, ...rest } = await capabilities(options, { tools: ["own-agent", "none"] });
    assert.deepEqual(shells, ["bash", "dash"]);
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["claude", "own-agent"],
    );
    assert.deepEqual([rest.max_sessions, rest.slots, rest.cpus], [9, 2, availableParallelism()]);
    assert.ok(rest.memory_bytes > 0 && rest.memory_bytes <= totalmem());
    assert.ok(rest.disk_free_bytes > 0);
  });
});
