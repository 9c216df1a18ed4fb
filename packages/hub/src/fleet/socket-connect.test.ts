// Holds the way to a member's socket to whom it leads to: this user's own, closed to others, with a key beside it that is both.
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempDisposableSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { keyBeside, makeSocketKey } from "@fleetty/carrier/socket-key";
import { connectSocket } from "./socket-connect.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const never = new AbortController().signal;

describe("the way to a member's socket", () => {
  let folder: ReturnType<typeof mkdtempDisposableSync>;
  let server: Server;
  let path: string;
  const key = makeSocketKey();
  const taken = new Set<Socket>();

  beforeEach(async () => {
    folder = mkdtempDisposableSync("/tmp/ft-");
    path = join(folder.path, "link.sock");
    writeFileSync(keyBeside(path), key, { mode: 0o600 });
    server = createServer((socket) => taken.add(socket)).listen(path);
    await once(server, "listening");
  });
  afterEach(async () => {
    for (const socket of taken) socket.destroy();
    taken.clear();
    server.close();
    await once(server, "close");
    folder.remove();
  });

  async function refused(reason: "address_denied" | "dial_failed", detail: RegExp): Promise<void> {
    const outcome = await connectSocket({ path }, never);
    if (outcome.kind === "connected") outcome.socket.destroy();
    assert.ok(outcome.kind === "failed", "it was connected to");
    assert.deepEqual([outcome.reason, outcome.detail.match(detail) !== null], [reason, true], outcome.detail);
    assert.equal(taken.size, 0, "somebody was contacted");
  }

  it("brings its key", async () => {
    const outcome = await connectSocket({ path }, never);
    assert.ok(outcome.kind === "connected");
    assert.deepEqual(new Uint8Array(outcome.key), new Uint8Array(key));
    outcome.socket.destroy();
  });

  it("is there when socket, folder and key are, and somebody listens", async () => {
    renameSync(keyBeside(path), `${path}.elsewhere`);
    await refused("dial_failed", /^ENOENT$/);
    renameSync(`${path}.elsewhere`, keyBeside(path));
    renameSync(path, `${path}.elsewhere`);
    await refused("dial_failed", /^ENOENT$/);
    const whole = path;
    path = join(folder.path, "missing", "link.sock");
    await refused("dial_failed", /^ENOENT$/);
    path = whole;
    renameSync(`${path}.elsewhere`, path);
    // The path that a listener was bound to is not the one that it lets go of.
    renameSync(path, `${path}.stale`);
    server.close();
    await once(server, "close");
    renameSync(`${path}.stale`, path);
    await refused("dial_failed", /^ECONNREFUSED$/);
    server = createServer().listen(join(folder.path, "other.sock"));
    await once(server, "listening");
  });

  it("leads to nobody else through a folder that others can enter, or a link", async () => {
    for (const mode of [0o777, 0o770, 0o755, 0o711]) {
      chmodSync(folder.path, mode);
      await refused("address_denied", /is open to others \(mode 0\d+\); chmod 700 it/);
    }
    chmodSync(folder.path, 0o700);
    const inner = join(folder.path, "inner");
    symlinkSync(folder.path, inner);
    const whole = path;
    path = join(inner, "link.sock");
    await refused("address_denied", /inner is a symbolic link/);
    path = join(folder.path, "to.sock");
    symlinkSync(whole, path);
    await refused("address_denied", /to\.sock is not a socket/);
    path = whole;
  });

  it("leads to no file, and takes no key that others can read or that is none", async () => {
    chmodSync(keyBeside(path), 0o640);
    await refused("address_denied", /link\.sock\.key is open to others; chmod 600 it/);
    rmSync(keyBeside(path));
    writeFileSync(keyBeside(path), "short", { mode: 0o600 });
    await refused("address_denied", /link\.sock\.key holds no key/);
    rmSync(keyBeside(path));
    mkdirSync(keyBeside(path), { mode: 0o700 });
    await refused("address_denied", /link\.sock\.key is no file/);
    path = join(folder.path, "file");
    writeFileSync(path, "");
    await refused("address_denied", /file is not a socket/);
  });

  it("leads to no other user", { skip: !isRoot && "only root can give files away" }, async () => {
    chownSync(keyBeside(path), NOBODY, NOBODY);
    await refused("address_denied", /link\.sock\.key belongs to user 65534/);
    lchownSync(path, NOBODY, NOBODY);
    await refused("address_denied", /link\.sock belongs to user 65534, not to you/);
    chownSync(folder.path, NOBODY, NOBODY);
    await refused("address_denied", /belongs to user 65534, not to you/);
  });

  it("is left when nobody wants it any more", async () => {
    const gone = new AbortController();
    const connecting = connectSocket({ path }, gone.signal);
    gone.abort(new Error("no longer"));
    await assert.rejects(connecting, /no longer/);
  });
});
