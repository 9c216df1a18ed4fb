// Asks random requests over HTTP, by kept connections and by strangers' own, and holds each answer to the law.
import { operations } from "@fleetty/protocol/operations";
import { type Fuzzed, type Outcome, type RandomFace, Unlawful } from "./fuzzing.ts";
import type { Answer } from "./http.ts";
import { WITH_ELEMENTS } from "./random-members.ts";
import { BROWSER_TOKEN, type RandomRequest, type RandomRequests } from "./random-requests.ts";
import { RawConnection } from "./raw-connection.ts";

const SHOWN_MAX_BYTES = 1_500;

export class HttpFace implements RandomFace {
  readonly #fuzzed: Fuzzed;
  readonly #requests: RandomRequests;
  readonly #tcp: { readonly host: string; readonly port: number };
  readonly #kept: Readonly<Record<"unix" | "tcp", RawConnection>>;

  constructor(fuzzed: Fuzzed, requests: RandomRequests, tcp: { readonly host: string; readonly port: number }) {
    this.#fuzzed = fuzzed;
    this.#requests = requests;
    this.#tcp = tcp;
    this.#kept = { unix: new RawConnection(fuzzed.unix), tcp: new RawConnection(tcp) };
  }

  async ask(number: number): Promise<Outcome> {
    const request = this.#requests.make(number);
    const { way, bytes, leaves, row } = request;
    const of = row?.name ?? "none";
    const connection =
      way === "stranger" ? new RawConnection({ ...this.#tcp, localAddress: own(number) }) : this.#kept[way];
    try {
      if (leaves) return await connection.leave(bytes).then(() => ({ of, code: "left" }));
      const answer = await connection.exchange(bytes, request);
      if (!answer) throw new Error("the connection was closed without an answer");
      const code = this.#judged(request, answer);
      if (row && answer.status === row.status) this.#learn(request, answer);
      return { of, code };
    } catch (cause) {
      throw new Unlawful(`${(cause as Error).message}\n${of} by ${way}`, bytes, cause);
    } finally {
      if (way === "stranger") connection.close();
    }
  }

  close(): void {
    for (const connection of Object.values(this.#kept)) connection.close();
  }

  #judged(request: RandomRequest, answer: Answer): string {
    try {
      return this.#fuzzed.law.check(request, answer);
    } catch (cause) {
      const body = answer.body.toString("utf8").slice(0, SHOWN_MAX_BYTES);
      throw new Error(`${(cause as Error).message}; answered ${answer.status} ${body}`, { cause });
    }
  }

  #learn({ row, isHead, bytes }: RandomRequest, { json, headers }: Answer): void {
    // The root token is known to all of them; that of a browser is not.
    if (isHead || row?.verb === "unix") return;
    // It tells of whichever session there is, also of one that nobody is to meddle with.
    if (row === operations["sessions.idle_any"]) return;
    const { learned, onMade } = this.#fuzzed;
    learned.take(json);
    const [, element] = /^sessions\.(overlay|panel)s\.create$/.exec(row?.name ?? "") ?? [];
    // Of the session alone that is asked of elements: in any other it would be looked for in vain.
    if (element && bytes.includes(`/sessions/${WITH_ELEMENTS}/`)) learned.take({ [element]: json.id });
    // Named tokens, of which there are more, would take its place among the last few.
    if (row === operations["auth.session"] && json?.token) learned.take({ [BROWSER_TOKEN]: json.token });
    const isNew = row === operations["sessions.create"] && headers["idempotency-replayed"] === undefined;
    if (isNew) onMade(json.id);
  }
}

/** An address of the loopback network that hardly anybody else comes from. */
function own(number: number): string {
  return `127.9.${(number >> 8) & 255}.${number & 255}`;
}
