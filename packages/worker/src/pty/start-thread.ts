// The thread in which programs are looked up and started, one after the other: a path on a dead network file system, or on a
// slow disk, holds up this thread and never the loop that serves the sessions. Knows orders, not who gives them.
import { parentPort, workerData } from "node:worker_threads";
import { toFleettyError } from "@fleetty/protocol/errors";
import { recordBirth, recordProcess } from "./birth-record.ts";
import { libC } from "./libc.ts";
import { findStartable } from "./program-lookup.ts";
import { startProgram } from "./program-start.ts";
import { type StartOrder, type StartReport, ThreadState } from "./start-order.ts";
import { writeScripts } from "./start-scripts.ts";

const state = new ThreadState(workerData as ThreadState["shared"]);

parentPort?.on("message", (order: StartOrder) => {
  if (!state.begin(order.number)) return;
  const report = carryOut(order);
  state.finish(order.number);
  parentPort?.postMessage(report);
});

function carryOut({ number, spec }: StartOrder): StartReport {
  try {
    const file = findStartable(spec);
    // It may have been given up over that: then nothing is begun for an order that has been refused.
    if (state.isGivenUp) return { number, is: "startable" };
    if (spec.record) recordBirth(spec.record);
    if (spec.scripts) writeScripts(spec.scripts);
    const calls = libC();
    if (!calls) return { number, is: "startable" };
    const program = startProgram(calls, file, spec);
    if (spec.record) recordProcess(spec.record, program);
    return { number, is: "started", program };
  } catch (thrown) {
    return { number, is: "refused", refusal: toFleettyError(thrown).toWire() };
  }
}
