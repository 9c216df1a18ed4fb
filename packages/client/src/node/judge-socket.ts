// Decides whether a unix socket may be spoken to: it and its folder must be the user's own, and the folder closed to
// others, so that a squatter in a shared folder receives neither commands nor secrets. Looks at files; opens none.
import { dirname } from "node:path";
import { FleettyError } from "@fleetty/protocol/errors";
import { type FileFacts, factsOf, folderProblem, socketProblem } from "@fleetty/protocol/private-folder";
import { TransportFailure } from "../transport.ts";

const fs = process.getBuiltinModule("node:fs");

/** Throws `forbidden` naming what is wrong, or TransportFailure when there is no socket. */
export function judgeSocket(socket: string): void {
  const uid = process.getuid?.();
  // Windows has neither these sockets nor owners by number.
  if (uid === undefined)
    throw new FleettyError("unsupported", "unix sockets need a POSIX system; use the server's URL");
  const folder = dirname(socket);
  const problem = folderProblem(folder, lookAt(folder), uid) ?? socketProblem(socket, lookAt(socket), uid);
  if (problem === null) return;
  throw new FleettyError("forbidden", `${problem}; nothing was sent`, { reason: "not_private", may_have_run: false });
}

function lookAt(path: string): FileFacts {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!stats) throw new TransportFailure("unreachable", false);
  return factsOf(stats);
}
