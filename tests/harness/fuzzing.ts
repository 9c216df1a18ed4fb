// Asks a server random requests by every face it has, over several connections at once. Ends sessions that pile up, so that
// there are always a few, and keeps the server open for new ones. Knows no test, and no face from within.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { AnswerLaw } from "./answer-law.ts";
import { ask, type Where } from "./http.ts";
import { Learned } from "./learned.ts";
import { HttpFace } from "./random-http.ts";
import { McpFace } from "./random-mcp.ts";
import { STEADY } from "./random-members.ts";
import { RandomMessages } from "./random-messages.ts";
import { RandomRequests } from "./random-requests.ts";
import { SocketFace } from "./random-sockets.ts";
import type { TestServer } from "./server.ts";

/** As many as ask at once: enough that some always meet at the same session. */
const CALLERS = 12;
/** Sessions that are left alive: those without a name of their own are many. */
const MADE_MAX = 24;
const SHOWN_MAX_BYTES = 1_500;

/** What was asked, and how it was answered: `ok`, the code of a refusal, or what else became of it. */
export interface Outcome {
  /** The operation, or what is asked by a face for several or for none. */
  readonly of: string;
  readonly code: string;
}

/** One caller's way in, for random requests. */
export interface RandomFace {
  /** Asks that request. Rejects with an Unlawful for an answer that must not be. */
  ask(number: number): Promise<Outcome>;
  close(): void;
}

/** A caller's ways in. */
type Faces = Readonly<Record<"http" | "sockets" | "mcp" | "prefixed", RandomFace>>;
/** Who has which of so many requests, again and again. */
const TURNS: readonly (keyof Faces)[] = [
  ...(["http", "http", "http", "sockets", "mcp"] as const),
  ...(["http", "http", "http", "sockets", "prefixed"] as const),
];

/** An answer that must not be, with what was asked. */
export class Unlawful extends Error {
  constructor(message: string, asked: string | Uint8Array, cause: unknown) {
    const shown = JSON.stringify(
      Buffer.from(asked as string)
        .toString("latin1")
        .slice(0, SHOWN_MAX_BYTES),
    );
    super(`${message}\nto ${shown}`, { cause });
  }
}

/** What all faces share. */
export interface Fuzzed {
  readonly seed: number;
  readonly law: AnswerLaw;
  readonly learned: Learned;
  readonly unix: Where;
  /** Told of each session that a request has made. */
  readonly onMade: (id: string) => void;
}

export interface FuzzingOptions {
  readonly seed: number;
}

export class Fuzzing {
  /** How often each code was the answer, by operation; `ok` is one, and so is `left`. */
  readonly counts = new Map<string, Map<string, number>>();
  readonly #fuzzed: Fuzzed;
  readonly #makeFaces: () => Faces;
  /** Ids of sessions, the oldest first. */
  readonly #made: string[];
  #next = 0;
  #failure: Error | null = null;

  private constructor(fuzzed: Fuzzed, made: string[], makeFaces: () => Faces) {
    this.#fuzzed = fuzzed;
    this.#made = made;
    this.#makeFaces = makeFaces;
  }

  /** The server listens on TCP too. */
  static async of(server: TestServer, { seed }: FuzzingOptions): Promise<Fuzzing> {
    const made: string[] = [];
    const fuzzed = {
      seed,
      law: await AnswerLaw.load(),
      learned: new Learned(Object.keys(STEADY)),
      unix: { socketPath: server.socketPath },
      onMade: (id: string) => void made.push(id),
    };
    const requests = await RandomRequests.of({ seed, learned: fuzzed.learned, token: server.token });
    const tcp = await server.tcp();
    const messages = await RandomMessages.of({ seed, learned: fuzzed.learned });
    return new Fuzzing(fuzzed, made, () => ({
      http: new HttpFace(fuzzed, requests, tcp),
      sockets: new SocketFace(fuzzed, messages),
      mcp: new McpFace(fuzzed, ""),
      prefixed: new McpFace(fuzzed, "wsh_"),
    }));
  }

  /** Asks that many more. Rejects with the first answer that breaks the law, and with how to see it again. */
  async ask(requests: number): Promise<void> {
    const end = this.#next + requests;
    await Promise.all(Array.from({ length: CALLERS }, () => this.#caller(end)));
    if (this.#failure) throw this.#failure;
  }

  /** Ends every session but those of these names, of which everything is taken that stands over them, and forgets them. */
  async endSessions(kept: readonly string[]): Promise<void> {
    const { unix } = this.#fuzzed;
    const { json } = await ask(unix, { path: "/sessions?include=exited" });
    const others = (json as SessionInfo[]).filter(({ name }) => !kept.includes(name));
    await Promise.all(others.map(({ id }) => ask(unix, { method: "DELETE", path: `/sessions/${id}` })));
    const elements = kept.flatMap((name) => ["overlay", "panel"].map((one) => `/sessions/${name}/${one}`));
    await Promise.all(elements.map((path) => ask(unix, { method: "DELETE", path })));
  }

  async #caller(end: number): Promise<void> {
    const faces = this.#makeFaces();
    while (this.#next < end && !this.#failure) {
      const number = this.#next++;
      try {
        const { face, own } = turnOf(number);
        const outcome = await faces[face].ask(own);
        this.#count(outcome);
        await this.#endOldest();
        if (outcome.of === "servers.update") await this.#uncordon();
      } catch (cause) {
        this.#failure ??= this.#told(number, cause as Error);
      }
    }
    for (const face of Object.values(faces)) face.close();
  }

  #count({ of, code }: Outcome): void {
    const codes = this.counts.get(of) ?? new Map<string, number>();
    this.counts.set(of, codes.set(code, (codes.get(code) ?? 0) + 1));
  }

  /** Whether it still lives or not. */
  async #endOldest(): Promise<void> {
    const id = this.#made.length > MADE_MAX ? this.#made.shift() : undefined;
    if (id !== undefined) await ask(this.#fuzzed.unix, { method: "DELETE", path: `/sessions/${id}` });
  }

  /** This server may have been told to take no more sessions, and the rest of the requests are to find some. */
  async #uncordon(): Promise<void> {
    const body = { cordoned: false, draining: false };
    await ask(this.#fuzzed.unix, { method: "PATCH", path: "/servers/local", body });
  }

  #told(number: number, cause: Error): Error {
    const replay = `FLEETTY_TEST_SEED=${this.#fuzzed.seed} npm test -- tests/fuzz`;
    return new Error(`${cause.message}\nrequest ${number} of: ${replay}`, { cause });
  }
}

/** Whose turn it is, and which request of that face it is. */
function turnOf(number: number): { readonly face: keyof Faces; readonly own: number } {
  const place = number % TURNS.length;
  const face = TURNS[place] as keyof Faces;
  const of = (turns: readonly string[]) => turns.filter((turn) => turn === face).length;
  return { face, own: Math.floor(number / TURNS.length) * of(TURNS) + of(TURNS.slice(0, place)) };
}
