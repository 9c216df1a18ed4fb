// Paints its whole terminal so that no two neighbouring cells are alike, and each has every attribute that there is: the
// longest answer that a screen of its size can make. Says "painted" in its corner when it is done, and stays.
const [cols = 80, rows = 24] = process.stdout.getWindowSize();
const attributes = "\x1b[?25l\x1b[?7l\x1b[1;2;3;4;5;7;9m\x1b[48;2;201;202;203m";
const cell = (n: number) => `\x1b[38;2;21${n % 10};222;223mx`;
const line = Array.from({ length: cols }, (_, n) => cell(n)).join("");
const screen = Array.from({ length: rows }, (_, row) => `\x1b[${row + 1};1H${line}`).join("");
process.stdout.write(`${attributes}${screen}\x1b[1;1Hpainted`);
setInterval(() => {}, 1_000_000);
