// Asks a server random requests over several connections at once and holds each answer to the law. Ends sessions that pile up,
// so that there are always a few. Knows no test.
import { operations } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { AnswerLaw } from "./answer-law.ts";
import { type Answer, ask, type Where } from "./http.ts";
import { BROWSER_TOKEN, type RandomRequest, RandomRequests } from "./random-requests.ts";
import { RawConnection } from "./raw-connection.ts";
import type { TestServer } from "./server.ts";

/** As many as ask at once: enough that some always meet at the same session. */
const CALLERS = 12;
/** Sessions that are left alive: those without a name of their own are many. */
const MADE_MAX = 24;
const SHOWN_MAX_BYTES = 1_500;

export interface FuzzingOptions {
  readonly seed: number;
}

export class Fuzzing {
  /** How often each code was the answer, by operation; `ok` is one, and so is `left`. */
  readonly counts = new Map<string, Map<string, number>>();
  readonly #seed: number;
  readonly #law: AnswerLaw;
  readonly #requests: RandomRequests;
  readonly #unix: Where;
  readonly #tcp: { readonly host: string; readonly port: number };
  /** Ids of sessions, the oldest first. */
  readonly #made: string[] = [];
  #next = 0;
  #failure: Error | null = null;

  private constructor(server: TestServer, parts: FuzzingParts) {
    this.#seed = parts.seed;
    this.#law = parts.law;
    this.#requests = parts.requests;
    this.#tcp = parts.tcp;
    this.#unix = { socketPath: server.socketPath };
  }

  /** The server listens on TCP too. */
  static async of(server: TestServer, { seed }: FuzzingOptions): Promise<Fuzzing> {
    const [law, requests, tcp] = await Promise.all([
      AnswerLaw.load(),
      RandomRequests.of({ seed, token: server.token }),
      server.tcp(),
    ]);
    return new Fuzzing(server, { seed, law, requests, tcp });
  }

  /** Asks that many more. Rejects with the first answer that breaks the law, and with how to see it again. */
  async ask(requests: number): Promise<void> {
    const end = this.#next + requests;
    await Promise.all(Array.from({ length: CALLERS }, () => this.#caller(end)));
    if (this.#failure) throw this.#failure;
  }

  /** Ends every session but those of these names, and forgets them. */
  async endSessions(kept: readonly string[]): Promise<void> {
    const { json } = await ask(this.#unix, { path: "/sessions?include=exited" });
    const others = (json as SessionInfo[]).filter(({ name }) => !kept.includes(name));
    await Promise.all(others.map(({ id }) => ask(this.#unix, { method: "DELETE", path: `/sessions/${id}` })));
  }

  async #caller(end: number): Promise<void> {
    const connections = { unix: new RawConnection(this.#unix), tcp: new RawConnection(this.#tcp) };
    while (this.#next < end && !this.#failure) {
      const number = this.#next++;
      try {
        await this.#askOne(number, connections);
        await this.#endOldest(connections.unix);
      } catch (cause) {
        this.#failure ??= cause as Error;
      }
    }
    for (const connection of Object.values(connections)) connection.close();
  }

  async #askOne(number: number, connections: Readonly<Record<"unix" | "tcp", RawConnection>>): Promise<void> {
    const request = this.#requests.make(number);
    const { way, bytes, leaves, row } = request;
    const connection =
      way === "stranger" ? new RawConnection({ ...this.#tcp, localAddress: own(number) }) : connections[way];
    try {
      if (leaves) return await connection.leave(bytes).then(() => this.#count(request, "left"));
      const answer = await connection.exchange(bytes, request);
      if (!answer) throw new Error("the connection was closed without an answer");
      this.#judge(request, answer);
      if (row && answer.status === row.status) this.#learn(request, answer);
    } catch (cause) {
      throw this.#told(number, request, cause as Error);
    } finally {
      if (way === "stranger") connection.close();
    }
  }

  #judge(request: RandomRequest, answer: Answer): void {
    try {
      this.#count(request, this.#law.check(request, answer));
    } catch (cause) {
      const body = answer.body.toString("utf8").slice(0, SHOWN_MAX_BYTES);
      throw new Error(`${(cause as Error).message}; answered ${answer.status} ${body}`, { cause });
    }
  }

  #count({ row }: RandomRequest, code: string): void {
    const name = row?.name ?? "none";
    const codes = this.counts.get(name) ?? new Map<string, number>();
    this.counts.set(name, codes.set(code, (codes.get(code) ?? 0) + 1));
  }

  #learn({ row, isHead }: RandomRequest, { json, headers }: Answer): void {
    // The root token is known to all of them; that of a browser is not.
    if (isHead || row?.verb === "unix") return;
    // It tells of whichever session there is, also of one that nobody is to meddle with.
    if (row === operations["sessions.idle_any"]) return;
    this.#requests.learned.take(json);
    // Named tokens, of which there are more, would take its place among the last few.
    if (row === operations["auth.session"] && json?.token) this.#requests.learned.take({ [BROWSER_TOKEN]: json.token });
    const isNew = row === operations["sessions.create"] && headers["idempotency-replayed"] === undefined;
    if (isNew) this.#made.push(json.id);
  }

  /** Whether it still lives or not. */
  async #endOldest(connection: RawConnection): Promise<void> {
    const id = this.#made.length > MADE_MAX ? this.#made.shift() : undefined;
    if (id === undefined) return;
    const bytes = plain(`DELETE /sessions/${id}`);
    const answer = await connection.exchange(bytes);
    if (answer) this.#law.check({ row: operations["sessions.kill"], isHead: false }, answer);
  }

  #told(number: number, request: RandomRequest, cause: Error): Error {
    const { bytes, way, row } = request;
    const shown = JSON.stringify(bytes.toString("latin1").slice(0, SHOWN_MAX_BYTES));
    const replay = `FLEETTY_TEST_SEED=${this.#seed} npm test -- tests/fuzz`;
    return new Error(`${cause.message}\nto ${row?.name} by ${way}: ${shown}\nrequest ${number} of: ${replay}`, {
      cause,
    });
  }
}

interface FuzzingParts {
  readonly seed: number;
  readonly law: AnswerLaw;
  readonly requests: RandomRequests;
  readonly tcp: { readonly host: string; readonly port: number };
}

function plain(line: string): Buffer {
  return Buffer.from(`${line} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
}

/** An address of the loopback network that hardly anybody else comes from. */
function own(number: number): string {
  return `127.9.${(number >> 8) & 255}.${number & 255}`;
}
