// Links between a hub and its members that are cut again and again, within frames, handshakes and answers, while sessions there
// print and somebody types: what comes at the hub's viewers is what was printed, each byte once, and what is typed is typed once.
// FLEETTY_TEST_SEED moves the cuts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Dice } from "./harness/dice.ts";
import type { Direction, FaultProxy } from "./harness/fault-proxy.ts";
import { startFleet } from "./harness/fleet.ts";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { fixture } from "./harness/programs.ts";
import { startServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { Typist } from "./harness/typist.ts";
import { RawViewer } from "./harness/viewer.ts";

const SEED = Number(process.env["FLEETTY_TEST_SEED"] ?? 1);
/** Side by side, since after each cut a link is dialled again in its own time. */
const PRINTING = ["web-1", "web-2", "web-3", "web-4"];
const CUTS = 150;
const BYTES = 10_000_000;
/** More than links carry that are away half of the time, so that there is always something to cut within. */
const PRINTS = [fixture("print-steadily"), "32768"];
/** More than is behind at the end. */
const RING = ["--output-ring", `${32 * 1024 * 1024}`];
/** Between two cuts where much is printed, and where somebody types; within the latter many a handshake is. */
const APART_MAX_BYTES = { printing: 200_000, typing: 6_000 };
const DIRECTIONS: readonly Direction[] = ["up", "down", "both"];

/** Cuts a link within what comes next, and lets everything pass again: a network that was away for a moment. */
class Cutter {
  cuts = 0;
  readonly #dice = new Dice(SEED);

  async cut(proxy: FaultProxy, apartMaxBytes: number): Promise<void> {
    await proxy.cutAfter(this.#dice.below(apartMaxBytes), this.#dice.of(DIRECTIONS));
    proxy.heal();
    this.cuts += 1;
  }
}

/** Each piece is what was printed there, and what is missing between two of them are gaps that were declared. */
function assertTrue({ pieces, gaps }: RawViewer): void {
  let end = 0;
  for (const { offset, bytes } of pieces) {
    for (const { from, to } of gaps) if (from <= end && to > end) end = to;
    assert.ok(offset <= end, `nothing from ${end} to ${offset}, and nothing said of it`);
    end = offset + bytes.byteLength;
    const from = Math.max(offset, NUMBERS_FROM);
    if (end <= from) continue;
    assert.ok(bytes.subarray(from - offset).equals(numberedLines(from, end)), `other bytes from ${from} on`);
  }
}

const received = ({ pieces }: RawViewer) => pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);

describe("a fleet whose links are cut again and again", () => {
  it("brings every byte that was printed once, and types once what is typed", async (test) => {
    await using fleet = await startFleet({ members: [] });
    await using stack = new AsyncDisposableStack();
    const { socketPath } = fleet.hub;
    const behindProxy = async (name: string) => {
      const member = stack.use(await startServer({ tcp: true, args: ["--hostname", name, ...RING] }));
      return fleet.addBehindProxy(member, name);
    };
    const lanes = await Promise.all(
      PRINTING.map(async (name) => {
        const proxy = await behindProxy(name);
        await TestSession.start(socketPath, `on-${name}`, { argv: PRINTS, server: name });
        const viewer = await RawViewer.open(socketPath, `on-${name}`, { from: 0 });
        stack.defer(() => viewer.close());
        return { proxy, viewer };
      }),
    );
    const typing = await behindProxy("typing");
    await using typist = await Typist.start(socketPath, "typed", "typing");

    const cutter = new Cutter();
    const isEnough = () => lanes.reduce((sum, { viewer }) => sum + received(viewer), 0) >= BYTES;
    let isOver = false;
    const printed = lanes.map(async ({ proxy }) => {
      while (cutter.cuts < CUTS || !isEnough()) await cutter.cut(proxy, APART_MAX_BYTES.printing);
    });
    const typed = (async () => {
      while (!isOver) await cutter.cut(typing, APART_MAX_BYTES.typing);
    })();
    await Promise.all(printed);
    isOver = true;
    await typed;
    await typist.goesOn();
    await typist.stop();
    for (const { viewer } of lanes) {
      const seen = viewer.end;
      await viewer.until("it goes on", ({ end }) => end > seen + 4_096);
      assert.equal(viewer.closed, null);
      assertTrue(viewer);
    }
    const declared = lanes.flatMap(({ viewer }) => viewer.gaps.map(({ from, to }) => to - from));
    const missing = declared.reduce((sum, one) => sum + one, 0);
    test.diagnostic(`${cutter.cuts} cuts, ${typist.answered} lines; ${missing} bytes missing and declared`);
  });
});
