// The program `wsh`: the command line of fleetty for hands and scripts that know that of wsh, with its variables.
import { runCommandLine } from "../command-line.ts";
import { takeWshVariables } from "../config.ts";
import { wshComfortOf } from "./comforts.ts";
import { inWordsOfFleetty } from "./words.ts";

const { serverName } = takeWshVariables();
const instance = serverName === undefined ? [] : ["-L", serverName];

process.exitCode = await runCommandLine([...instance, ...process.argv.slice(2)], {
  words: inWordsOfFleetty,
  comfortOf: wshComfortOf,
  showHelp: async () => (await import("./help.ts")).showWshHelp(),
});
