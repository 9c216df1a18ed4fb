// Carries out command lines one after the other in one process, as the program does each in its own, for KeptCli: the words
// come as messages; after all that one has printed stands a NUL, and its exit code behind that of standard output.
import { runCommandLine } from "../src/command-line.ts";
import { writeErr, writeOut } from "../src/print/output.ts";

// Each listens for an interrupt until its process ends.
process.setMaxListeners(0);
let last: Promise<void> = Promise.resolve();
process.on("message", (args: string[]) => {
  last = last.then(() => carryOut(args));
});

async function carryOut(args: readonly string[]): Promise<void> {
  const code = await runCommandLine(args);
  await writeErr("\0");
  await writeOut(`\0${code}\n`);
}
