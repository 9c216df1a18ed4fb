// Writes the events of one subscription: what is told of changes to a screen and in which order, and of what passes in a
// session. Counts them. Pure; knows no socket.
import type { Exit, Screen } from "@fleetty/protocol/schemas/common";
import type { Notice } from "@fleetty/protocol/schemas/notices";
import { asPlain, type Reset, type ScreenChange } from "./screen-copy.ts";
import type { Wish } from "./wish.ts";

/** An event before it is known on which socket it is told. */
export interface SessionEvent {
  readonly event: string;
  readonly [member: string]: unknown;
}

export class SessionEvents {
  readonly #wish: Wish;
  #seq = 0;

  constructor(wish: Wish) {
    this.#wish = wish;
  }

  sync(screen: Screen): SessionEvent {
    return { event: "sync", seq: 0, ...this.#shown(screen) };
  }

  idle(screen: Screen): SessionEvent {
    return { event: "idle", seq: 0, generation: screen.generation, ...this.#shown(screen) };
  }

  running(generation: number): SessionEvent {
    return { event: "running", seq: 0, generation };
  }

  reset(reason: Reset): SessionEvent {
    return { event: "reset", seq: this.#next(), reason };
  }

  /** What is told of `screen`, which has changed so. */
  changes(screen: Screen, { rows, isCursorMoved, isBufferSwitched, resets }: ScreenChange): SessionEvent[] {
    const { events } = this.#wish;
    const { epoch, total_lines, cursor, alternate_active } = screen;
    return [
      ...(isBufferSwitched && events.has("mode") ? [{ event: "mode", seq: this.#next(), alternate_active }] : []),
      ...resets.map((reason) => this.reset(reason)),
      ...(events.has("lines") ? rows : []).map((index) => {
        return { event: "line", seq: this.#next(), index, total_lines, line: screen.lines[index] };
      }),
      ...(isCursorMoved && events.has("cursor") ? [{ event: "cursor", seq: this.#next(), ...cursor }] : []),
      ...(events.has("diffs")
        ? [{ event: "diff", seq: this.#next(), epoch, changed_lines: rows, screen: this.#formed(screen) }]
        : []),
    ];
  }

  /** Null for what no subscriber has asked for. */
  notice(notice: Notice): SessionEvent | null {
    switch (notice.kind) {
      case "input": {
        const { mode, raw, parsed, target } = notice;
        const bytes = [...Buffer.from(raw, "base64")];
        return { event: "input", mode, raw: bytes, parsed, ...(target !== undefined && { target }) };
      }
      case "mode":
        return { event: "mode", mode: notice.mode };
      case "overlay": {
        const { element: kind, action, id } = notice;
        return { event: "overlay", seq: this.#next(), kind, action, ...(id !== undefined && { id }) };
      }
      case "attention": {
        const { attention, confidence, epoch } = notice;
        return { event: "attention", attention, confidence, epoch };
      }
      case "command": {
        const { seq: _, kind: event, ...members } = notice;
        return { event, ...members };
      }
      default:
        return null;
    }
  }

  output(offset: number, bytes: Uint8Array): SessionEvent {
    return { event: "output", offset, data: Buffer.from(bytes).toString("base64") };
  }

  exit(exit: Exit | null, offset: number): SessionEvent {
    return { event: "exit", exit, offset };
  }

  #next(): number {
    this.#seq += 1;
    return this.#seq;
  }

  #shown(screen: Screen): Pick<SessionEvent, string> {
    return { screen: this.#formed(screen), scrollback_lines: screen.total_lines };
  }

  #formed(screen: Screen): Screen {
    const { last_activity_ms: _, ...shown } = this.#wish.format === "plain" ? asPlain(screen) : screen;
    return shown as Screen;
  }
}
