// The configuration of servers on which situations with a preset are played.
import { program } from "./situation.ts";

export const PRESETS = `
[presets.agent]
argv = ["node", "${program("agent.ts")}"]
working = ['esc to interrupt']
needs_input = ['^Allow .*\\(y/n\\)$']
ready = ['^\\? for shortcuts$']
`;
