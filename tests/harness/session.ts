// A session of a test: a program under its own name, with the few verbs that stories about watching need. Asks over HTTP.
import assert from "node:assert/strict";
import { type Answer, type Ask, ask } from "./http.ts";
import { waitUntil } from "./wait-until.ts";

export interface TestSessionOptions {
  readonly argv?: readonly string[];
  /** Instead of `argv`. */
  readonly preset?: string;
  readonly rows?: number;
  readonly cols?: number;
  /** What the program says when it has begun; nothing is awaited without it. */
  readonly ready?: string;
  /** Where it runs; the server that is asked when it is not said. */
  readonly server?: string;
  readonly tags?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly integration?: "auto" | "off";
}

export class TestSession {
  readonly name: string;
  readonly #socketPath: string;

  private constructor(socketPath: string, name: string) {
    this.#socketPath = socketPath;
    this.name = name;
  }

  static async start(socketPath: string, name: string, options: TestSessionOptions): Promise<TestSession> {
    const { ready, ...body } = options;
    const { server } = options;
    const session = new TestSession(socketPath, server === undefined ? name : `${server}%2F${name}`);
    const created = await ask({ socketPath }, { path: "/sessions", body: { name, ...body } });
    assert.equal(created.status, 201, created.body.toString());
    if (ready !== undefined) await session.shows(ready);
    return session;
  }

  ask(path: string, more: Omit<Ask, "path"> = {}): Promise<Answer> {
    return ask({ socketPath: this.#socketPath }, { path: `/sessions/${this.name}${path}`, ...more });
  }

  /** Resolves when the terminal has it. */
  async type(text: string): Promise<void> {
    const { status, body } = await this.ask("/input", { body: text });
    assert.equal(status, 200, body.toString());
  }

  async resize(size: { readonly rows: number; readonly cols: number }): Promise<void> {
    const { status, body } = await this.ask("/resize", { body: size });
    assert.equal(status, 200, body.toString());
  }

  /** Resolves when the screen shows what `regex` matches. */
  async shows(regex: string): Promise<void> {
    const { json } = await this.ask("/wait", { body: { until: { pattern: { regex, on: "screen" } } } });
    assert.equal(json.reason, "pattern", JSON.stringify(json));
  }

  /** Resolves when it has printed everything up to `offset`. */
  async printed(offset: number): Promise<void> {
    await waitUntil(`${this.name} has printed ${offset} bytes`, async () => (await this.end()) >= offset, {
      seen: () => this.end(),
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  async info(): Promise<any> {
    return (await this.ask("")).json;
  }

  /** Offset after the newest byte. */
  async end(): Promise<number> {
    return (await this.info()).offset;
  }

  /** The bytes from `from` to the end, which the session must still hold. */
  async output(from: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let at: number | null = from; at !== null; ) {
      const { json } = await this.ask(`/output?format=base64&max_bytes=1048576&from=${at}`);
      assert.deepEqual([json.from, json.gaps], [at, []]);
      pieces.push(Buffer.from(json.data, "base64"));
      at = json.next;
    }
    return Buffer.concat(pieces);
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  async screen(): Promise<any> {
    return (await this.ask("/screen")).json;
  }

  async kill(): Promise<void> {
    const { status, body } = await this.ask("", { method: "DELETE" });
    assert.equal(status, 204, body.toString());
  }
}
