// Decides whether a path may be listened on: nothing there, or a socket that its owner left behind. Nothing else that
// stands there is ever removed. Asked only by the holder of the instance's lock.
import { lstatSync, type Stats, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { FleettyError } from "@fleetty/protocol/errors";

/** A listener on the same machine answers at once; one that takes longer is taken for alive. */
const ANSWER_MS = 1_000;

/** Resolves when the path is free. Rejects with `forbidden` naming what stands there, and what to do if not move it away. */
export async function claimSocket(path: string, otherwise = "choose another --socket"): Promise<void> {
  const stats = statOf(path);
  if (!stats) return;
  if (!stats.isSocket()) throw occupied(path, "is not a socket", otherwise);
  if (await isAnswered(path)) throw occupied(path, "is answered by another process", otherwise);
  unlinkSync(path);
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isAnswered: boolean) => {
      socket.destroy();
      resolve(isAnswered);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code !== "ECONNREFUSED"));
    socket.setTimeout(ANSWER_MS, () => settle(true));
  });
}

function occupied(path: string, what: string, otherwise: string): FleettyError {
  return new FleettyError("forbidden", `${path} ${what}; move it away or ${otherwise}`, {
    reason: "occupied",
  });
}
