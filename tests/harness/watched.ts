// Compares what a viewer was shown with what its session holds: the screen cell for cell, and each byte.
import assert from "node:assert/strict";
import { numberedLines } from "./numbered-lines.ts";
import type { TestSession } from "./session.ts";
import { pictureOf, ViewerTerminal } from "./terminal.ts";
import type { RawViewer } from "./viewer.ts";
import { waitUntil } from "./wait-until.ts";

/** Lets the program `draw` draw until it has done so `to` times; resolves with the end of its output. */
export async function draw(session: TestSession, { from, to }: { from: number; to: number }): Promise<number> {
  for (let time = from; time < to; time += 1) await session.type("\n");
  const seen = async () => (await session.info()).title;
  const info = await waitUntil(
    "everything is drawn",
    async () => {
      const now = await session.info();
      return now.title === `done ${to}` ? now : null;
    },
    { seen },
  );
  return info.offset;
}

/** The last picture of a viewer and the bytes behind it make the session's screen, cell for cell. */
export async function assertSameScreen(viewer: RawViewer, session: TestSession): Promise<void> {
  const picture = viewer.snapshots.at(-1);
  assert.ok(picture, "it was given a picture");
  const terminal = new ViewerTerminal(picture);
  await terminal.feed(picture.vt);
  for (const { bytes } of viewer.pieces.slice(picture.behind)) await terminal.feed(bytes);
  assert.deepEqual(terminal.picture(), pictureOf(await session.screen()));
}

/** Of numbered lines, every byte that came is the one that stands there, and what did not come was declared. */
export function assertAccounted(viewer: RawViewer, from: number, to: number): void {
  let at = from;
  const gaps = [...viewer.gaps];
  for (const { offset, bytes } of viewer.pieces) {
    if (offset !== at) assert.deepEqual(gaps.shift(), { from: at, to: offset });
    assert.ok(bytes.equals(numberedLines(offset, offset + bytes.byteLength)), `other bytes at ${offset}`);
    at = offset + bytes.byteLength;
  }
  const last = gaps.shift();
  if (last) assert.equal(last.from, at);
  assert.deepEqual([last?.to ?? at, gaps], [to, []]);
}
