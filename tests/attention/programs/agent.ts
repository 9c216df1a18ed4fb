// agent: as agents of Node draw. Hides the cursor, and draws a box below which a line says how it is: it thinks, and draws that ten
// times a second; "a" has it ask, and "r" wait for the next task.
const say = (line: string) =>
  process.stdout.write(`\x1b[H\x1b[2J\x1b[?25l╭─ agent ─╮\r\n│         │\r\n╰─────────╯\r\n${line}\x1b[2;3H`);
let frame = 0;
let drawing: NodeJS.Timeout | undefined;
const think = () => say(`${"-\\|/"[frame++ % 4]} thinking (esc to interrupt)`);
const states: Readonly<Record<string, () => void>> = {
  a: () => say("Allow it to write? (y/n)"),
  r: () => say("? for shortcuts"),
  t: () => {
    think();
    drawing = setInterval(think, 100);
  },
};
process.stdin.setRawMode(true);
process.stdin.on("data", (key: Buffer) => {
  clearInterval(drawing);
  states[key.toString()]?.();
});
states["t"]?.();
