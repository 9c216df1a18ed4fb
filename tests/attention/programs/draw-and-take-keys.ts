// draw-and-take-keys: takes the screen, asks for a key, and draws again every two seconds.
process.stdin.setRawMode(true);
process.stdin.on("data", () => process.exit());
const draw = () => process.stdout.write("\x1b[?1049h\x1b[H\x1b[2Jpress a key");
draw();
setInterval(draw, 2_000);
