// Tells a subscriber what passes in a session without showing on its screen: keystrokes, elements, what it wants, commands. Asks
// for the next of it only when there is room for it; what is let go meanwhile is declared.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { NoticeKind } from "@fleetty/protocol/schemas/notices";
import { pause } from "../waits/asking.ts";
import type { ScreenTeller } from "./screen-teller.ts";
import { patiently, type Telling } from "./telling.ts";

/** Half of the time for which keystrokes are kept after somebody has asked for them. */
const ASKED_FOR_MS = 30_000;
/** After an answer with nothing in it: a server that says so at once is not asked as fast as it can answer. */
const BETWEEN_MS = 20;

export class NoticeTeller {
  readonly #telling: Telling;
  readonly #screens: ScreenTeller;
  readonly #kinds: NoticeKind[];
  #after = 0;

  constructor(telling: Telling, screens: ScreenTeller, kinds: readonly NoticeKind[]) {
    this.#telling = telling;
    this.#screens = screens;
    this.#kinds = [...kinds];
  }

  /** What passes from now on is told. Rejects with `unsupported` where an older session host has the session. */
  async begin(): Promise<void> {
    const { observed, signal } = this.#telling;
    const { seq } = await observed.ask("sessions.notices", { kinds: this.#kinds, max_wait_ms: 0 }, signal);
    this.#after = seq;
  }

  /** Until the last is told of a session that has ended, or nobody hears any more. */
  async run(): Promise<void> {
    const { observed, signal, room, tell, events } = this.#telling;
    for (;;) {
      await room();
      const input = { kinds: this.#kinds, after: this.#after, max_wait_ms: ASKED_FOR_MS };
      const answer = await patiently(() => observed.ask("sessions.notices", input, signal), signal);
      if (answer === null) return;
      this.#after = answer.seq;
      this.#declare(answer);
      for (const event of answer.notices.flatMap((notice) => events.notice(notice) ?? [])) {
        await room();
        tell(event);
      }
      if (answer.ended) return;
      if (answer.notices.length === 0) await pause(BETWEEN_MS, signal).catch(() => {});
    }
  }

  #declare({ missed }: Pick<OperationOutput<"sessions.notices">, "missed">): void {
    if (missed === 0) return;
    const { lagged } = this.#telling;
    if (this.#kinds.includes("input")) lagged(missed, "input_lagged");
    if (this.#kinds.every((kind) => kind === "input" || kind === "mode")) return;
    lagged(missed, "lagged");
    this.#screens.resync(null);
  }
}
