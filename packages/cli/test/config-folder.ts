// A folder for each test of a suite, with a config.toml in it and whatever that names. Gone when the test ends.
import { chmodSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";
import type { ConfigPlace } from "../src/server/config-file.ts";

const PRIVATE = 0o600;

export class ConfigFolder {
  #folder: ReturnType<typeof mkdtempDisposableSync> | null = null;

  /** To be made where the suite's tests are described. */
  constructor() {
    beforeEach(() => {
      this.#folder = mkdtempDisposableSync("/tmp/ft-");
    });
    afterEach(() => this.#folder?.remove());
  }

  /** Of the test that runs. */
  get path(): string {
    return this.#folder?.path ?? "";
  }

  /** Of config.toml. */
  get config(): string {
    return join(this.path, "config.toml");
  }

  write(text: string, mode = PRIVATE): ConfigPlace {
    return { path: this.file("config.toml", text, mode), isChosen: true };
  }

  /** Writes a file beside it, and answers with its path. */
  file(name: string, text: string, mode = PRIVATE): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }
}
