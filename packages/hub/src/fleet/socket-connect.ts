// Connects to a member's unix socket, after a look at who could be behind it: socket, folder and key must be this user's own, and
// closed to others. Whoever listens has yet to prove that it has that very key. Knows neither HTTP nor the link.
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { keyBeside, SOCKET_KEY_BYTES } from "@fleetty/carrier/socket-key";
import { factsOf, folderProblem, socketProblem } from "@fleetty/protocol/private-folder";
import type { SocketAddress } from "./dialled-address.ts";
import type { ConnectFailure } from "./pinned-connect.ts";

export interface ConnectedSocket {
  readonly kind: "connected";
  /** An error of it before somebody listens shows as its "close". */
  readonly socket: Socket;
  readonly key: Uint8Array;
}

/** Rejects with the signal's reason alone; then nothing is left open. */
export async function connectSocket(
  { path }: Pick<SocketAddress, "path">,
  signal: AbortSignal,
): Promise<ConnectedSocket | ConnectFailure> {
  try {
    const problem = await problemOf(path);
    if (problem !== null) return failed("address_denied", problem);
    const key = await keyOf(keyBeside(path));
    if (typeof key === "string") return failed("address_denied", key);
    const socket = await connected(path);
    if (signal.aborted) socket.destroy();
    signal.throwIfAborted();
    return { kind: "connected", socket, key };
  } catch (thrown) {
    signal.throwIfAborted();
    return failed("dial_failed", (thrown as NodeJS.ErrnoException).code ?? "unknown");
  }
}

async function problemOf(path: string): Promise<string | null> {
  const folder = dirname(path);
  const uid = ownUid();
  return (
    folderProblem(folder, factsOf(await lstat(folder)), uid) ?? socketProblem(path, factsOf(await lstat(path)), uid)
  );
}

/** The key, or what is wrong with it: of the file that is read, so that no other can be put in its place meanwhile. */
async function keyOf(path: string): Promise<Uint8Array | string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await file.stat();
  if (!stats.isFile()) return `${path} is no file; start the worker again, which makes it`;
  if (stats.uid !== ownUid()) return `${path} belongs to user ${stats.uid}; somebody may be waiting there`;
  if ((stats.mode & 0o077) !== 0) return `${path} is open to others; chmod 600 it`;
  const key = await file.readFile();
  return key.byteLength === SOCKET_KEY_BYTES ? key : `${path} holds no key; start the worker again, which makes it`;
}

function connected(path: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ path });
  socket.once("connect", () => resolve(socket));
  // Stays: an error that nobody listens to would end the process; its "close" tells enough.
  socket.on("error", reject);
  return promise;
}

function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function failed(reason: "address_denied" | "dial_failed", detail: string): ConnectFailure {
  return { kind: "failed", reason, detail };
}
