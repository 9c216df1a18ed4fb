import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { isSessionId, makeId } from "./ids.ts";
import { folderProblem, socketProblem } from "./private-folder.ts";
import { runtimePaths } from "./runtime-paths.ts";
import { Secret } from "./secret.ts";
import { ulid } from "./ulid.ts";

describe("paths of an instance", () => {
  const input = { instance: "default", uid: 1000, home: "/home/u" };

  it("follow the XDG folders and fall back to a private one in /tmp", () => {
    assert.deepEqual(runtimePaths(input), {
      runtimeDir: "/tmp/fleetty-1000",
      socket: "/tmp/fleetty-1000/default.http.sock",
      compatSocket: "/tmp/wsh/default.http.sock",
      stateDir: "/home/u/.local/state/fleetty/default",
      configFile: "/home/u/.config/fleetty/config.toml",
    });
    const xdg = runtimePaths({
      ...input,
      instance: "dev",
      runtimeHome: "/run/user/1000",
      stateHome: "/s",
      configHome: "/c",
    });
    assert.deepEqual([xdg.socket, xdg.stateDir], ["/run/user/1000/fleetty/dev.http.sock", "/s/fleetty/dev"]);
    assert.equal(xdg.compatSocket, "/run/user/1000/wsh/dev.http.sock");
  });

  it("refuse a bad instance name and a socket path that no kernel takes", () => {
    for (const instance of ["", "a/b", "..", "x".repeat(33), "a b"]) {
      assert.throws(() => runtimePaths({ ...input, instance }), { code: "invalid_request" }, instance);
    }
    assert.throws(() => runtimePaths({ ...input, runtimeHome: `/${"x".repeat(90)}` }), {
      code: "invalid_request",
      message: /xxxx/,
    });
  });
});

describe("a private folder", () => {
  const own = { kind: "folder", uid: 7, mode: 0o40700 } as const;

  it("is a folder, the user's own, closed to others", () => {
    assert.equal(folderProblem("/r", own, 7), null);
    assert.match(folderProblem("/r", { ...own, kind: "link" }, 7) ?? "", /\/r is a symbolic link/);
    assert.match(folderProblem("/r", { ...own, kind: "other" }, 7) ?? "", /not a folder/);
    assert.match(folderProblem("/r", { ...own, uid: 8 }, 7) ?? "", /belongs to user 8/);
    assert.match(folderProblem("/r", { ...own, mode: 0o40750 }, 7) ?? "", /mode 0750/);
  });

  it("holds sockets of the same user only", () => {
    assert.equal(socketProblem("/r/s", { kind: "socket", uid: 7, mode: 0 }, 7), null);
    assert.match(socketProblem("/r/s", { kind: "socket", uid: 8, mode: 0 }, 7) ?? "", /belongs to user 8/);
    assert.match(socketProblem("/r/s", { kind: "other", uid: 7, mode: 0 }, 7) ?? "", /not a socket/);
  });
});

describe("a secret", () => {
  it("shows itself to nobody who prints it", () => {
    const secret = new Secret("hunter2");
    const shown = [`${secret}`, String(secret), JSON.stringify({ secret }), inspect({ secret }), inspect(secret)];
    for (const text of shown) assert.doesNotMatch(text, /hunter2/);
    assert.equal(secret.reveal(), "hunter2");
  });

  it("equals its own text alone", () => {
    const secret = new Secret("hunter2");
    assert.ok(secret.equals("hunter2"));
    for (const other of ["", "hunter", "hunter22", "hunter2hunter2", "Hunter2"])
      assert.ok(!secret.equals(other), other);
    assert.ok(!new Secret("").equals("x"));
  });
});

describe("an id", () => {
  it("has a form that is checked, and sorts by its making", () => {
    const ids = Array.from({ length: 1000 }, () => makeId("ses"));
    assert.ok(ids.every(isSessionId));
    assert.deepEqual(ids, ids.toSorted());
    assert.equal(new Set(ids).size, ids.length);
    for (const text of [
      "ses_",
      "ses_../../etc/passwd",
      `${ids[0]}x`,
      ids[0]?.toLowerCase(),
      "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
    ]) {
      assert.ok(!isSessionId(text ?? ""), `${text}`);
    }
    const [before, after] = [ulid(), ulid(1)];
    assert.ok(before < after, "a clock that went back does not break the order");
  });
});
