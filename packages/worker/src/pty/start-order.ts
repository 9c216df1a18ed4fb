// What crosses between a program starter and its thread: orders and reports, and beside them one number in shared memory, by
// which exactly one of them decides about an order when the thread has been at it for too long.
//
//   0 (idle) ──begin──► number of an order ──finish──► 0
//                          └──give up──► -1 for ever: the thread begins no other order
import type { WireError } from "@fleetty/protocol/errors";
import type { ProgramSpec, StartedProgram } from "./program-start.ts";

export interface StartOrder {
  /** Counts the orders of one thread from 1. */
  readonly number: number;
  readonly spec: ProgramSpec;
}

/** `startable`: nothing is against it, but it is not to be had that a thread starts it (`libC`). */
export type StartReport =
  | { readonly number: number; readonly is: "started"; readonly program: StartedProgram }
  | { readonly number: number; readonly is: "startable" }
  | { readonly number: number; readonly is: "refused"; readonly refusal: WireError };

const IDLE = 0;
const GIVEN_UP = -1;

export class ThreadState {
  /** What a thread is handed so that it shares the state. */
  readonly shared: Int32Array<SharedArrayBuffer>;

  constructor(shared = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))) {
    this.shared = shared;
  }

  /** The order at work; null when the thread is idle. */
  get atWork(): number | null {
    const state = Atomics.load(this.shared, 0);
    return state > IDLE ? state : null;
  }

  get isGivenUp(): boolean {
    return Atomics.load(this.shared, 0) === GIVEN_UP;
  }

  /** False: the thread has been given up, and whoever did so has the order carried out elsewhere. */
  begin(number: number): boolean {
    return Atomics.compareExchange(this.shared, 0, IDLE, number) === IDLE;
  }

  finish(number: number): void {
    Atomics.compareExchange(this.shared, 0, number, IDLE);
  }

  /** False: the thread is not at that order any more. */
  giveUp(number: number): boolean {
    return Atomics.compareExchange(this.shared, 0, number, GIVEN_UP) === number;
  }
}
