// Holds the 256 colours that a program is told when it asks: xterm's own sixteen, its 6x6x6 cube and its greys.

const BASIC =
  "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff".split(
    " ",
  );
const CUBE_FIRST = 16;
const CUBE_SIDE = 6;
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255];
const GREY_FIRST = 232;

/** The colour at `index`, 0 to 255, in X11 form with four digits per part: `rgb:cdcd/0000/0000`. */
export function paletteColor(index: number): string {
  const parts = index < CUBE_FIRST ? basic(index) : index < GREY_FIRST ? cube(index - CUBE_FIRST) : grey(index);
  return `rgb:${parts.map((part) => part.repeat(2)).join("/")}`;
}

function basic(index: number): string[] {
  return (BASIC[index] as string).match(/../g) as string[];
}

function cube(index: number): string[] {
  return [CUBE_SIDE ** 2, CUBE_SIDE, 1].map((step) => hex(CUBE_LEVELS[Math.floor(index / step) % CUBE_SIDE] as number));
}

function grey(index: number): string[] {
  return Array(3).fill(hex(8 + 10 * (index - GREY_FIRST)));
}

function hex(level: number): string {
  return level.toString(16).padStart(2, "0");
}
