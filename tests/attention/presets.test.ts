// Holds what is said of programs whose preset says what their lines mean against the truth.
import { startServer } from "../harness/server.ts";
import { PRESETS } from "./configured-presets.ts";
import { corpus } from "./corpus.ts";
import { presets } from "./situations/presets.ts";

corpus("programs with a preset", presets, { open: () => startServer({ config: PRESETS }) });
