// `fleetty attach`: joins the user's terminal and a session. Decides how the session is shown and when the attachment ends.
// Knows no socket: the watch reconnects by itself.
//
//   direct   terminal and session have one size: output is passed through, less what would make the terminal answer
//   drawn    they differ, or there are overlays, panels or captured keys: all of it is read and drawn as far as it fits
//   direct ◄──sizes equal, and nothing but output to see: a new watch begins with a snapshot──► drawn
import type { CallOutput, Client, Size, Watch, WatchItem } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Invocation } from "../invocation.ts";
import { isAnything, NO_ELEMENTS, programRows } from "../picture/picture.ts";
import { writeOut } from "../print/output.ts";
import { RESET_MODES, Terminal, type TerminalOptions } from "../terminal/terminal.ts";
import { DETACH_WITHIN_MS, DetachKeys, isCaptureKey } from "./detach-keys.ts";
import { DirectView } from "./direct-view.ts";
import { DrawnView } from "./drawn-view.ts";
import { endingLine } from "./ending-line.ts";
import { type Surroundings, SurroundingsReading } from "./surroundings.ts";
import { TypingRight } from "./typing-right.ts";
import { LATE_AFTER_MS, Typist } from "./typist.ts";

/** How an attachment ends. */
export type Ending =
  | { readonly kind: "detached" }
  | { readonly kind: "exited"; readonly exit: SessionInfo["exit"] }
  | { readonly kind: "dismissed"; readonly reason: string }
  | { readonly kind: "signal"; readonly exitCode: number }
  | { readonly kind: "failed"; readonly error: unknown };

const BELL = "\x07";
/** Long enough to be read; what stands there covers a row of the session. */
const REFUSAL_SHOWN_MS = 4_000;
/** Whoever leaves does not wait for a server that is away; the lease runs out by itself. */
const RELEASE_WITHIN_MS = 1_000;
const TERMINAL: TerminalOptions = {
  refusal: "attach needs a terminal; use fleetty output or screen to read",
  // Leaves the cursor below all that is shown.
  giveBack: `${RESET_MODES}\x1b[999;1H\r\n`,
};

/** Resolves with the exit code. Throws what refused it. */
export async function attach(invocation: Invocation, client: Client, signal: AbortSignal): Promise<number> {
  const input = invocation.members as OperationInput<"sessions.watch">;
  const resizes = invocation.extras["--resize"] === true;
  if (resizes && input.readonly)
    throw new FleettyError("invalid_request", "--resize and --readonly exclude each other");
  const { session, server } = input;
  const info = await client.sessions.get({ session, server }, { signal });
  if (info.exit) throw exited(info);
  const takesOver = invocation.extras["--take-over"] === true;
  if (takesOver && input.readonly)
    throw new FleettyError("invalid_request", "--take-over and --readonly exclude each other");
  const ending = await new Attachment({ client, input, info, resizes, takesOver }).ended;
  if (ending.kind === "failed") throw ending.error;
  await writeOut(endingLine(info.name, ending));
  return ending.kind === "signal" ? ending.exitCode : 0;
}

interface AttachmentOptions {
  readonly client: Client;
  readonly input: OperationInput<"sessions.watch">;
  readonly info: SessionInfo;
  readonly resizes: boolean;
  readonly takesOver: boolean;
}

class Attachment {
  readonly #options: AttachmentOptions;
  readonly #ending = Promise.withResolvers<Ending>();
  readonly #terminal: Terminal;
  readonly #keys = new DetachKeys();
  readonly #right: TypingRight;
  readonly #typist: Typist;
  readonly #direct: DirectView;
  readonly #drawn: DrawnView;
  readonly #reading: SurroundingsReading;
  #watch: Watch;
  /** Of the whole session, panels included. */
  #size: Size;
  #elements = NO_ELEMENTS;
  #mode: "direct" | "drawn" | undefined;
  #lossTimer: NodeJS.Timeout | undefined;
  /** It is said that keys were refused, or wait. */
  #isTypingTold = false;
  #refusalTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: AttachmentOptions) {
    this.#options = options;
    const { info } = options;
    this.#size = info;
    this.#terminal = new Terminal(TERMINAL, {
      typed: (bytes) => this.#typed(bytes),
      resized: () => this.#terminalResized(),
      ended: (exitCode) => this.#end({ kind: "signal", exitCode }),
    });
    const write = (data: string | Uint8Array) => this.#terminal.write(data);
    this.#direct = new DirectView(write);
    this.#drawn = new DrawnView({ write, session: info, readScreen: (since) => this.#readScreen(since) });
    const on = { session: info.id, server: options.input.server };
    this.#reading = new SurroundingsReading({ client: options.client, on, onRead: (read) => this.#surround(read) });
    this.#watch = this.#newWatch();
    this.#right = this.#newRight();
    this.#typist = new Typist(this.#watch, {
      mayType: async (bytes) => (this.#isForProgram(bytes) ? this.#right.hold() : undefined),
      onWritten: () => this.#written(),
      onLate: () => this.#late(),
      onRefused: (error) => this.#refused(error),
    });
    if (options.resizes) this.#fit();
    void this.#view();
  }

  /** Resolves when it is over and the terminal has been given back. */
  get ended(): Promise<Ending> {
    return this.#ending.promise;
  }

  async #view(): Promise<void> {
    try {
      for (;;) {
        const watch = this.#watch;
        const { done, value } = await watch.next();
        if (watch !== this.#watch) continue;
        if (done) return this.#end({ kind: "dismissed", reason: "the stream ended" });
        await this.#show(value);
      }
    } catch (error) {
      // Of a session that has ended meanwhile a new watch is refused, with how it did.
      const exit = error instanceof FleettyError && error.code === "session_exited" && error.details?.["exit"];
      this.#end(exit ? { kind: "exited", exit: exit as SessionInfo["exit"] } : { kind: "failed", error });
    }
  }

  async #show(item: WatchItem): Promise<void> {
    switch (item.type) {
      case "size":
        return this.#resized(item);
      case "snapshot":
        return this.#mode === "direct" ? this.#direct.repaint(item) : this.#drawn.repaint(item);
      case "output":
        return this.#mode === "direct" ? this.#direct.output(item.bytes) : this.#drawn.output(item.bytes);
      case "elements":
        void this.#reading.refresh();
        return;
      case "exit":
        return this.#end({ kind: "exited", exit: item.exit });
      case "closed":
        return this.#end({ kind: "dismissed", reason: item.reason });
      case "disconnected":
        this.#lossTimer ??= setTimeout(() => this.#tellLoss(), LATE_AFTER_MS);
        return;
      case "reconnected":
        return this.#reconnected();
      case "error":
        return this.#terminal.write(BELL);
      case "gap":
        return;
    }
  }

  /** The program has this size now: before what it prints for it is shown, it is known what has the other rows. */
  async #resized({ rows, cols }: Size): Promise<void> {
    const program = { rows: programRows(this.#size.rows, this.#elements), cols: this.#size.cols };
    if (!isEqual({ rows, cols }, program)) await this.#reading.refresh();
    if (this.#mode === undefined) this.#arrange();
  }

  /** The session has this size now, and this stands around its program's screen. */
  #surround({ size, elements }: Surroundings): void {
    if (this.#isOver) return;
    const isResized = !isEqual(size, this.#size);
    this.#size = size;
    this.#elements = elements;
    this.#drawn.show(elements);
    if (this.#mode === undefined || isResized || this.#mode !== this.#wantedMode) this.#arrange(isResized);
  }

  /** Decides how the session is shown. */
  #arrange(isResized = false): void {
    const mode = this.#wantedMode;
    if (mode === "drawn") this.#drawn.arrange({ terminal: this.#terminal.size, session: this.#size });
    if (mode === this.#mode && (mode === "drawn" || !isResized)) return;
    const isFirst = this.#mode === undefined;
    this.#mode = mode;
    if (mode === "drawn") return this.#drawn.enter();
    this.#drawn.close();
    if (!isFirst) this.#renew();
  }

  get #wantedMode(): "direct" | "drawn" {
    return isEqual(this.#size, this.#terminal.size) && !isAnything(this.#elements) ? "direct" : "drawn";
  }

  /** Begins again with a snapshot, on the same session. */
  #renew(): void {
    this.#direct.reset();
    this.#watch = this.#newWatch();
    if (this.#right.lease !== undefined) this.#watch.useLease(this.#right.lease);
    this.#typist.moveTo(this.#watch);
  }

  #newWatch(): Watch {
    const { client, input, info } = this.#options;
    return client.sessions.watch({ ...input, session: info.id, attach: true, snapshot: true });
  }

  #newRight(): TypingRight {
    const { client, info, input, takesOver } = this.#options;
    const on = { session: info.id, server: input.server };
    return new TypingRight({
      ask: (wish) => client.sessions.lease({ ...on, ...wish }),
      use: (lease) => this.#watch.useLease(lease),
      release: (lease) =>
        client.sessions.lease_release({ ...on, lease }, { signal: AbortSignal.timeout(RELEASE_WITHIN_MS) }),
      takesOver,
    });
  }

  /** What was said of earlier keys is not the case any more. */
  #written(): void {
    clearTimeout(this.#refusalTimer);
    if (!this.#isTypingTold) return;
    this.#isTypingTold = false;
    this.#drawn.notify(undefined);
    if (this.#direct.isDefaced && this.#mode === "direct") this.#renew();
  }

  /** This connection is there, and the session is beyond it: on a server that is away, or its program reads nothing. */
  #late(): void {
    if (this.#isOver || this.#lossTimer !== undefined) return;
    clearTimeout(this.#refusalTimer);
    this.#isTypingTold = true;
    this.#notify(`what you typed waits for ${this.#options.info.server}, Ctrl-\\ twice leaves`);
  }

  #refused(error: unknown): void {
    void this.#terminal.write(BELL);
    const words = refusalWords(error);
    if (words === null || this.#isOver) return;
    this.#right.lost();
    this.#isTypingTold = true;
    this.#notify(words);
    clearTimeout(this.#refusalTimer);
    this.#refusalTimer = setTimeout(() => this.#lossTimer === undefined && this.#written(), REFUSAL_SHOWN_MS);
  }

  #typed(bytes: Uint8Array): void {
    const told = this.#mode === "drawn" ? this.#drawn.typed(bytes) : bytes;
    const typed = this.#keys.type(told, performance.now());
    if (typed.detach) return this.#end({ kind: "detached" });
    this.#forward(typed.forward);
    if (this.#keys.isHolding) {
      setTimeout(() => this.#forward(this.#keys.lapse(performance.now())), DETACH_WITHIN_MS + 1);
    }
  }

  #forward(pieces: readonly Uint8Array[]): void {
    if (this.#options.input.readonly) return;
    for (const bytes of pieces) this.#typist.type(bytes);
  }

  /** What is not needs no right to type: who is asked answers, whoever works in the session. */
  #isForProgram(bytes: Uint8Array): boolean {
    return !this.#elements.isCapturing && !isCaptureKey(bytes);
  }

  #terminalResized(): void {
    this.#arrange();
    if (this.#options.resizes) this.#fit();
  }

  /** Gives the session the terminal's size; the answer comes as a `size` item. */
  #fit(): void {
    const { client, info, input } = this.#options;
    const { lease } = this.#right;
    const resized = client.sessions.resize({ session: info.id, server: input.server, lease, ...this.#terminal.size });
    resized.catch(() => void this.#terminal.write(BELL));
  }

  #readScreen(sinceEpoch: number | undefined): Promise<CallOutput<"sessions.screen">> {
    const { client, info, input } = this.#options;
    const since = sinceEpoch === undefined ? {} : { since_epoch: sinceEpoch };
    return client.sessions.screen({ session: info.id, server: input.server, format: "styled", ...since });
  }

  #tellLoss(): void {
    this.#notify("connection lost; waiting for the server, Ctrl-\\ twice leaves");
  }

  #notify(words: string): void {
    if (this.#mode === "direct") void this.#direct.notify(words);
    else this.#drawn.notify(words);
  }

  #reconnected(): void {
    clearTimeout(this.#lossTimer);
    this.#lossTimer = undefined;
    this.#drawn.notify(undefined);
    if (this.#mode === "direct" && this.#direct.isDefaced) this.#renew();
  }

  #end(ending: Ending): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#lossTimer);
    clearTimeout(this.#refusalTimer);
    this.#drawn.close();
    this.#reading.close();
    this.#typist.close();
    this.#watch.close();
    this.#terminal[Symbol.dispose]();
    void this.#right.end().then(() => this.#ending.resolve(ending));
  }
}

/** Null for what has no words of its own. */
function refusalWords(error: unknown): string | null {
  if (!(error instanceof FleettyError)) return null;
  const { holder, kind, verb } = error.details ?? {};
  if (error.code === "forbidden" && verb) return `you may only look: your token has no verb ${verb}`;
  if (error.code === "lease_lost" && holder) return `${holder} (${kind}) has taken over; look before you type again`;
  if (error.code === "lease_lost") return "the right to type had run out; look, then type again";
  return error.code === "lease_held" ? `${holder} (${kind}) has the right to type; --take-over takes it` : null;
}

function isEqual(one: Size, other: Size): boolean {
  return one.rows === other.rows && one.cols === other.cols;
}

function exited({ name, exit, exited_at: exitedAt }: SessionInfo): FleettyError {
  const message = `session ${JSON.stringify(name)} has ended; fleetty screen and fleetty output show what it left`;
  return new FleettyError("session_exited", message, { exit, exited_at: exitedAt });
}
