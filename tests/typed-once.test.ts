// Inputs by request while links are cut, and hub and servers are killed at any moment: each that has an id is typed once and in
// order however often it is asked for, none is repeated by itself, and what is said of one that failed is true.
//
// FLEETTY_TEST_SEED moves the faults; it is in the message of what fails.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Dice } from "./harness/dice.ts";
import type { Direction } from "./harness/fault-proxy.ts";
import { FaultyFleet, MEMBERS, type MemberName } from "./harness/faulty-fleet.ts";
import { fixture } from "./harness/programs.ts";
import { byCommand, byRequest, type Way } from "./harness/requested-input.ts";
import { allTyped, CarelessTypist, InsistingTypist } from "./harness/requesting-typists.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

const SEED = Number(process.env["FLEETTY_TEST_SEED"] ?? 1);
/** With an id, into the session of the member that the hub dials. The others type as much as they can meanwhile. */
const INPUTS = 2_000;
/** How often each fault happens, in an order of chance. */
const FAULTS = { cut: 7, freeze: 2, silence: 1, restart: 2, restartHub: 2 };
/** A cut comes within so many bytes: some inputs and their answers. */
const CUT_WITHIN_BYTES = 1_500;
/** A kill comes at any moment of the input that is under way then, or of one soon after. */
const KILL_WITHIN_MS = 20;
const FROZEN_MAX_MS = 200;
const DIRECTIONS: readonly Direction[] = ["up", "down", "both"];
/** Pauses of the others, whose inputs and commands would take the machine. */
const PAUSE_MS = { request: 80, command: 3_000 };
/** Members are dialled ever more seldom, at last every half minute, and may be away for several such waits. */
const AWAY_MAX_MS = 120_000;
const HUB = "hub-1";

/** Faults in the order in which they happen. Each resolves when what was ended is back, or is coming back by itself. */
function faultsOf(faulty: FaultyFleet, dice: Dice, broken: Promise<never>): (() => Promise<void>)[] {
  const ofMember = (member: MemberName) => [
    ...times(FAULTS.cut, async () => {
      const cut = faulty.proxies[member].cutAfter(dice.below(CUT_WITHIN_BYTES), dice.of(DIRECTIONS));
      await Promise.race([cut, broken]);
      faulty.proxies[member].heal();
    }),
    ...times(FAULTS.freeze, async () => {
      faulty.proxies[member].freeze(dice.of(DIRECTIONS));
      await delay(dice.below(FROZEN_MAX_MS));
      faulty.proxies[member].heal();
    }),
    ...times(FAULTS.silence, () => faulty.silence(member)),
    ...times(FAULTS.restart, () => faulty.restart(member)),
  ];
  const all = [...MEMBERS.flatMap(ofMember), ...times(FAULTS.restartHub, () => faulty.restartHub())];
  return shuffled(all, dice).map((act) => async () => {
    await delay(dice.below(KILL_WITHIN_MS));
    await act();
  });
}

function times<T>(count: number, one: T): T[] {
  return Array.from({ length: count }, () => one);
}

function shuffled<T>(all: readonly T[], dice: Dice): T[] {
  const left = [...all];
  return all.flatMap(() => left.splice(dice.below(left.length), 1));
}

type Typist = InsistingTypist | CarelessTypist;

/** One who types into a session of its own, which writes down what it reads. */
interface Lane<Kind extends Typist = Typist> {
  readonly name: string;
  readonly typist: Kind;
  readonly pauseMs: number;
  readonly recorded: () => string;
}

interface LaneWish<Kind extends Typist> {
  readonly name: string;
  readonly server: string;
  readonly Kind: new (way: Way) => Kind;
  readonly pauseMs: number;
  /** Given the session as in a path. */
  readonly way: (session: string) => Way;
}

class Lanes implements Disposable {
  readonly all: Lane[] = [];
  readonly #faulty: FaultyFleet;
  readonly #folder = mkdtempDisposableSync("/tmp/ft-typed-");
  /** Whether nobody types on. */
  isOver = false;

  constructor(faulty: FaultyFleet) {
    this.#faulty = faulty;
  }

  async open<Kind extends Typist>({ name, server, Kind, pauseMs, way }: LaneWish<Kind>): Promise<Lane<Kind>> {
    const file = join(this.#folder.path, name);
    const argv = [fixture("record-input"), file];
    const session = await TestSession.start(this.#faulty.hub.socketPath, name, { argv, server, ready: "ready" });
    const lane = { name, typist: new Kind(way(session.name)), pauseMs, recorded: () => readFileSync(file, "utf8") };
    this.all.push(lane);
    return lane;
  }

  /** Resolves when all have stopped after their last input; rejects at once when one is told what is not true. */
  async type(): Promise<void> {
    await Promise.all(this.all.map((lane) => this.#type(lane)));
  }

  stop(): void {
    this.isOver = true;
  }

  [Symbol.dispose](): void {
    this.#folder.remove();
  }

  async #type({ typist, pauseMs }: Lane): Promise<void> {
    while (!this.isOver) {
      await typist.typeNext();
      if (pauseMs > 0) await delay(pauseMs);
    }
  }
}

async function openLanes(lanes: Lanes, faulty: FaultyFleet, dice: Dice): Promise<Lane<InsistingTypist>> {
  const { hub } = faulty;
  const way = (session: string) => byRequest(hub, session, dice);
  const main = await lanes.open({ name: "to-dialled", server: "dialled", Kind: InsistingTypist, pauseMs: 0, way });
  for (const server of ["joined", HUB]) {
    const name = `to-${server}`;
    await lanes.open({ name, server, Kind: InsistingTypist, pauseMs: PAUSE_MS.request, way });
  }
  for (const server of [...MEMBERS, HUB]) {
    const name = `once-to-${server}`;
    await lanes.open({ name, server, Kind: CarelessTypist, pauseMs: PAUSE_MS.request, way });
  }
  for (const server of ["dialled", HUB]) {
    const name = `by-command-to-${server}`;
    const commanded = () => byCommand(hub, `${server}/${name}`);
    await lanes.open({ name, server, Kind: InsistingTypist, pauseMs: PAUSE_MS.command, way: commanded });
  }
  return main;
}

async function assertTyped({ name, typist, recorded }: Lane): Promise<void> {
  if (typist instanceof CarelessTypist) return typist.check(recorded());
  const expected = allTyped(typist.answered);
  // What the terminal has is acknowledged before the program has read it.
  await waitUntil(`${name} has read all`, () => recorded().length >= expected.length);
  assert.equal(recorded(), expected, `typed by ${name} (seed ${SEED})`);
}

it(`inputs by request are typed once, in order, and as it was said of them (seed ${SEED})`, async (test) => {
  const dice = new Dice(SEED);
  await using faulty = await FaultyFleet.open();
  using lanes = new Lanes(faulty);
  const { typist } = await openLanes(lanes, faulty, dice);
  const typing = lanes.type();
  const broken = typing.then(() => assert.fail("nobody types any more"));
  broken.catch(() => {});
  const typed = (inputs: number) =>
    waitUntil(`${inputs} inputs are typed`, () => lanes.isOver || typist.answered >= inputs, {
      deadlineMs: AWAY_MAX_MS,
      seen: () => lanes.all.map((lane) => [lane.name, lane.typist.counts]),
    });
  try {
    const faults = faultsOf(faulty, dice, broken);
    for (const [at, act] of faults.entries()) {
      await Promise.race([typed(Math.floor((INPUTS * at) / faults.length)), broken]);
      await act();
    }
    await Promise.race([typed(INPUTS), broken]);
  } finally {
    lanes.stop();
    await typing;
  }
  for (const lane of lanes.all) {
    await assertTyped(lane);
    test.diagnostic(`${lane.name}: ${JSON.stringify(lane.typist.counts)}`);
  }
});
