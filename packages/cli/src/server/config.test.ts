// Holds what a server makes of its settings to being decided once: nobody changes them afterwards, and the first way that
// brings a root token decides which it is.
import assert from "node:assert/strict";
import { chmodSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readServerConfig, type ServerConfig } from "./config.ts";

/** With this file, and nothing of the developer's own. */
function read(text: string, args: readonly string[] = [], globals = {}): ServerConfig {
  using folder = mkdtempDisposableSync("/tmp/ft-");
  const path = join(folder.path, "config.toml");
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return readServerConfig(["--config", path, ...args], { instance: "test", ...globals });
}

describe("the configuration of a server", () => {
  it("is frozen, whole", () => {
    const config = read('[server]\nbind = ["127.0.0.1:0"]\n');
    const parts = [
      config,
      config.paths,
      config.binds,
      config.binds[0],
      config.limits,
      config.access,
      config.environment,
    ];
    for (const part of parts) assert.ok(Object.isFrozen(part), JSON.stringify(part));
    assert.throws(() => Object.assign(config, { maxSessions: 1 }), TypeError);
  });

  it("takes a root token from the first way that brings one, as text or as a file", () => {
    const file = '[server]\ntoken_file = "/in/file"\n';
    const named = (config: ServerConfig) => [config.tokens.token?.secret.reveal(), config.tokens.file?.path];
    assert.deepEqual(named(read(file)), [undefined, "/in/file"]);
    assert.deepEqual(named(read(file, ["--token", "by flag"])), ["by flag", undefined]);
    assert.deepEqual(named(read(file, [], { tokenFile: "/by/flag" })), [undefined, "/by/flag"]);
    assert.deepEqual(named(read("")), [undefined, undefined]);
  });
});
