// Types into a session for those who ask by request: once under each input_id, only while nobody else has the lease, and
// only while the session is still as they saw it. Decides in one step with the write; what is typed is made by others. Knows no link and no face.
import { hash } from "node:crypto";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Position } from "@fleetty/protocol/schemas/common";
import { encodeKey } from "../keys/encode-key.ts";
import { encodeStrokes, type KeysRequest, readStrokes } from "../keys/encode-keys.ts";
import { encodePaste, type PasteRequest } from "../keys/encode-paste.ts";
import { readKey } from "../keys/key.ts";
import { lineModeOf } from "../pty/line-mode.ts";
import { InputIds } from "./input-ids.ts";
import { SecretLook, type SecretTerms } from "./secret-look.ts";
import type { Session } from "./session.ts";

/** Who types, and on which conditions. */
export interface TypingTerms {
  readonly principal: string;
  readonly input_id?: string | undefined;
  readonly client?: string | undefined;
  readonly if_generation?: number | undefined;
  readonly if_epoch?: number | undefined;
  readonly lease?: string | undefined;
}

export interface Typed extends Position {
  readonly input_id?: string;
  readonly duplicate?: true;
}

export interface SecretRequest extends SecretTerms {
  readonly value: string;
  readonly enter?: boolean | undefined;
}

/** What is to be typed, made at the moment of writing, and what the answer says of it. May refuse. */
type Make<Said> = () => { readonly bytes: Uint8Array; readonly said: Said };

export class Typing {
  readonly #session: Session;
  readonly #ids = new InputIds<Typed>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Bytes as they are. Resolves with the position before them once the terminal has taken them all. */
  input(bytes: Uint8Array, terms: TypingTerms): Promise<Typed> {
    return this.#once(
      terms,
      () => contentOf("input", bytes),
      () => this.#write(terms, () => ({ bytes, said: {} })),
    );
  }

  /** Keys and texts, encoded for the modes that the program has set by then. Rejects with `invalid_key`. */
  async keys(request: KeysRequest, terms: TypingTerms): Promise<Typed & { readonly bytes: number }> {
    this.#session.running();
    const strokes = readStrokes(request);
    const content = () => contentOf("keys", JSON.stringify(strokes));
    return this.#once(terms, content, () =>
      this.#write(terms, () => {
        const bytes = encodeStrokes(strokes, this.#session.caughtUp().modes());
        return { bytes, said: { bytes: bytes.byteLength } };
      }),
    );
  }

  /** Rejects with `secret_prompt`, `paste_not_bracketed` or `line_too_long`, and nothing is typed. */
  paste(request: PasteRequest, terms: TypingTerms): Promise<Typed & { readonly bracketed: boolean }> {
    const { text, bracketed = "auto", enter = false } = request;
    const content = () => contentOf("paste", JSON.stringify([text, bracketed, enter]));
    return this.#once(terms, content, () =>
      this.#write(terms, () => {
        const line = lineModeOf(this.#session.running().heldSlaveFd);
        const { bytes, isBracketed } = encodePaste(request, { ...this.#session.caughtUp().modes(), line });
        return { bytes, said: { bracketed: isBracketed } };
      }),
    );
  }

  /** A command into the shell at its prompt. Rejects with `session_busy`, `not_a_shell` or `line_too_long`. */
  async run(command: string, terms: TypingTerms): Promise<Typed & { readonly command: string }> {
    const content = () => contentOf("run", command);
    return this.#once(terms, content, () =>
      this.#write(terms, () => {
        const { bytes, id } = this.#session.runs.begin(command);
        return { bytes, said: { command: id } };
      }),
    );
  }

  /** Whether something has been typed under that id, or is being typed. */
  knows({ principal, client, input_id: id }: TypingTerms): boolean {
    return id !== undefined && this.#ids.has({ principal, client, id });
  }

  /**
   * Once the terminal reads a secret, and in the step that finds that it does. The memory of ids has its name at most: of two
   * that have none it cannot say whether they are the same, and types the second never. Rejects with `not_secret_prompt`.
   */
  async secret(request: SecretRequest, terms: TypingTerms, signal: AbortSignal): Promise<Typed> {
    const write = () => {
      this.#check(terms);
      const { value, enter = true } = request;
      const end = enter ? encodeKey(readKey("Enter"), this.#session.caughtUp().modes()) : "";
      return this.#session.inputNow(Buffer.from(value + end)).then((before) => ({ ...before, ...echoOf(terms) }));
    };
    return this.#once(
      terms,
      () => contentOf("secret", request.name ?? ""),
      () => this.#session.waits.secret(new SecretLook(this.#session, request, write), signal),
    );
  }

  async #once<Answer extends Typed>(
    terms: TypingTerms,
    content: () => string,
    write: () => Promise<Answer>,
  ): Promise<Answer> {
    this.#session.running();
    const { principal, client, input_id: id } = terms;
    if (id === undefined) return write();
    const name = { principal, client, id };
    const what = content();
    const first = this.#ids.find(name, what, performance.now());
    // The same content, so the same operation: its answer says the same things.
    if (first) return first.again() as unknown as Promise<Answer>;
    const answer = write();
    this.#ids.begin(name, what, performance.now(), answer);
    return answer;
  }

  /** Throws, before anything is typed, when a condition does not hold or what is to be typed cannot be. */
  #write<Said extends object>(terms: TypingTerms, make: Make<Said>): Promise<Typed & Said> {
    this.#check(terms);
    const { bytes, said } = make();
    return this.#session.input(bytes).then((before) => ({ ...before, ...said, ...echoOf(terms) }));
  }

  #check({ if_generation: generation, if_epoch: epoch, lease }: TypingTerms): void {
    this.#session.lease.check(lease);
    if (generation === undefined && epoch === undefined) return;
    const screen = this.#session.caughtUp();
    const now = { ...this.#session.position(), epoch: screen.look() };
    if ((generation ?? now.generation) === now.generation && (epoch ?? now.epoch) === now.epoch) return;
    throw new FleettyError("screen_changed", "the session is not as you saw it any more; read its screen again", now);
  }
}

function echoOf({ input_id: id }: TypingTerms): { readonly input_id?: string } {
  return id === undefined ? {} : { input_id: id };
}

/** What stands for a request in the memory of ids. */
function contentOf(kind: string, what: Uint8Array | string): string {
  return `${kind} ${hash("sha256", what, "base64")}`;
}
