// The agent's loop as the README shows it: its five lines, run by a shell as they stand there, against a real server.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { launcher, plainEnvironment } from "../packages/cli/test/run-cli.ts";
import { startServer } from "./harness/server.ts";

const ASKS = `#!/bin/sh
echo unpacking
printf 'install? '
read -r answer
echo "installed: $answer"
exit 7
`;

function loop(): string[] {
  const [, chapter = ""] = readFileSync("README.md", "utf8").split("## The agent loop in five lines\n");
  const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(chapter) ?? [];
  return block.trim().split("\n");
}

describe("the agent's loop of the README", () => {
  it("is five lines of shell, with exit codes", async () => {
    await using server = await startServer({});
    using folder = mkdtempDisposableSync("/tmp/ft-");
    writeFileSync(join(folder.path, "install.sh"), ASKS, { mode: 0o755 });
    const lines = loop();
    assert.equal(lines.length, 5);
    const at = `--socket ${server.socketPath}`;
    const codes = lines.map((line) =>
      line
        .replace(/ +#.*$/, "")
        .replace("npx fleetty new build", `npx fleetty new build --cwd ${folder.path}`)
        .replaceAll("npx fleetty", `${launcher} ${at}`),
    );
    const script = `${codes.map((line, number) => `${line}; echo "line ${number + 1}: $?" >&2`).join("\n")}\n`;
    // The code of the second line is what the third looks at.
    const told = script.replace(/; echo "line 2: \$\?" >&2\n/, "\n");
    const env = { ...plainEnvironment(), PATH: `${dirname(process.execPath)}:${plainEnvironment()["PATH"]}` };
    const { stdout, stderr } = spawnSync("sh", ["-c", told], { cwd: folder.path, env, encoding: "utf8" });
    assert.match(stdout, /installed: yes\n/, stderr);
    const ends = [...stderr.matchAll(/^line (\d): (\d+)$/gm)].map(([, line, code]) => `${line}: ${code}`);
    assert.deepEqual(ends, ["1: 0", "3: 0", "4: 7", "5: 0"], stderr);
    const asked = JSON.parse(readFileSync(join(folder.path, "step.json"), "utf8"));
    assert.deepEqual([asked.reason, asked.question.text], ["needs_input", "install?"]);
  });
});
