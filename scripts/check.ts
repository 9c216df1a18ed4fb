// Checks what needs no running: types, lint and format, and that the repository agrees with itself.
import { spawnSync } from "node:child_process";

const checks = [
  { name: "types", command: ["tsc", "-p", "tsconfig.json"] },
  { name: "lint and format", command: ["biome", "ci", "--error-on-warnings", "."] },
  { name: "tidy", command: ["node", "--test", "--test-reporter=dot", "tests/tidy.test.ts"] },
] as const;

const failed = checks.filter(({ name, command: [program, ...args] }) => {
  console.log(`── ${name}`);
  return spawnSync(program, args, { stdio: "inherit" }).status !== 0;
});
console.log(failed.length === 0 ? "all checks hold" : `failed: ${failed.map(({ name }) => name).join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
