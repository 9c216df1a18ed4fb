// Holds a server's id and root token to lasting: made once, private, and refused rather than replaced when spoilt.
import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { keptKey, keptRootToken, keptServerId, readToken, renewRootToken } from "./kept-files.ts";

describe("a server's id", () => {
  it("is made once and stays, in a file of its user alone", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "server-id");
    const id = keptServerId(path);
    assert.match(id, /^srv_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.equal(keptServerId(path), id);
    assert.equal(readFileSync(path, "utf8"), `${id}\n`);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("is refused, not made anew, when its file was spoilt", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "server-id");
    for (const spoilt of ["", "srv_short\n", "ses_01K3Z8Q4T6V9X2B5N7M0R1S3WD\n"]) {
      writeFileSync(path, spoilt);
      assert.throws(() => keptServerId(path), { code: "invalid_request", message: new RegExp(path) });
      assert.equal(readFileSync(path, "utf8"), spoilt);
    }
  });
});

describe("a root token", () => {
  it("is made once with 256 random bits, and never shows itself by accident", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "root.token");
    const token = keptRootToken(path);
    const text = readFileSync(path, "utf8").trim();
    assert.match(text, /^[\w-]{43}$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    for (const shown of [String(token), JSON.stringify({ token }), `${token}`]) assert.ok(!shown.includes(text), shown);
    keptRootToken(path);
    assert.equal(readFileSync(path, "utf8").trim(), text);
    assert.notEqual(readFileSync(tokenFileOfAnother(folder.path), "utf8").trim(), text, "another server has another");
  });

  it("is replaced by another one, as private, of which nothing is left over", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "root.token");
    const old = keptRootToken(path).reveal();
    const renewed = renewRootToken(path).reveal();
    assert.match(renewed, /^[\w-]{43}$/);
    assert.notEqual(renewed, old);
    assert.equal(keptRootToken(path).reveal(), renewed);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder.path), ["root.token"]);
  });

  it("is refused when others may read it, until they may not", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "root.token");
    writeFileSync(path, `${"t".repeat(16)}\n`);
    for (const mode of [0o644, 0o640, 0o604, 0o620]) {
      chmodSync(path, mode);
      assert.throws(() => readToken(path), { code: "forbidden", message: /chmod 600/ });
    }
    chmodSync(path, 0o400);
    readToken(path);
    symlinkSync(path, join(folder.path, "link"));
    assert.throws(() => readToken(join(folder.path, "link")), { code: "forbidden" });
  });

  it("is refused when it is too short to be one, blanks not counted", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "root.token");
    for (const short of ["", "x".repeat(15), `   ${"x".repeat(15)}   \n`]) {
      writeFileSync(path, short, { mode: 0o600 });
      assert.throws(
        () => readToken(path),
        (refusal: { code?: string; message?: string }) => {
          assert.equal(refusal.code, "invalid_request");
          assert.ok(!short.trim() || !refusal.message?.includes(short.trim()), "the refusal holds the token");
          return true;
        },
      );
    }
  });
});

function tokenFileOfAnother(folder: string): string {
  const path = join(folder, "another.token");
  keptRootToken(path);
  return path;
}

describe("the key that seals texts", () => {
  it("is made once with 256 random bits, in a file of its user alone, and never shows itself", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "secret.key");
    const key = keptKey(path);
    assert.equal(Buffer.from(key.reveal(), "base64url").byteLength, 32);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder.path), ["secret.key"]);
    assert.equal(keptKey(path).reveal(), key.reveal());
    assert.ok(!`${key} ${JSON.stringify({ key })}`.includes(key.reveal()));
    assert.notEqual(keptKey(join(folder.path, "other.key")).reveal(), key.reveal());
  });

  it("is refused when others may read it, or it was spoilt; it is never replaced, nor told", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "secret.key");
    const key = keptKey(path).reveal();
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(path, mode);
      assert.throws(() => keptKey(path), { code: "forbidden", message: /secret\.key is open to others; chmod 600 it/ });
    }
    chmodSync(path, 0o600);
    for (const spoilt of ["", key.slice(1), `${key}A`, `${key.slice(1)}!`]) {
      writeFileSync(path, spoilt);
      assert.throws(
        () => keptKey(path),
        (error: Error) => error.message.includes(path) && !error.message.includes(key.slice(1)),
      );
      assert.equal(readFileSync(path, "utf8"), spoilt);
    }
    symlinkSync(path, join(folder.path, "led.key"));
    assert.throws(() => keptKey(join(folder.path, "led.key")), { code: "forbidden" });
  });
});
