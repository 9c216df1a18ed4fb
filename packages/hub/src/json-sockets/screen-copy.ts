// A copy of a session's screen as its subscriber has been told it: takes what is read of it, whole or in part, and says what is
// other than before. Pure.
import type { Screen, ScreenDelta, ScreenUnchanged } from "@fleetty/protocol/schemas/common";

export type ScreenRead = Screen | ScreenDelta | ScreenUnchanged;

export interface ScreenChange {
  /** Rows of the view. All of them after `resets`. */
  readonly rows: readonly number[];
  readonly isCursorMoved: boolean;
  readonly isBufferSwitched: boolean;
  /** Why what was told before is void, in this order. */
  readonly resets: readonly Reset[];
}

export type Reset = "alternate_screen_enter" | "alternate_screen_exit" | "resize" | "parser_restart" | "reconnected";

export class ScreenCopy {
  #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = withoutAge(screen);
  }

  /** Styled; without the age of its last activity. */
  get screen(): Screen {
    return this.#screen;
  }

  /** Null: it looks as it did. */
  take(read: ScreenRead): ScreenChange | null {
    const before = this.#screen;
    const { epoch, generation, offset } = read;
    if ("unchanged" in read) {
      this.#screen = { ...before, epoch, generation, offset };
      return null;
    }
    const now = isDelta(read) ? withRows(before, read) : withoutAge(read);
    this.#screen = now;
    return changeOf(before, now);
  }
}

function changeOf(before: Screen, now: Screen): ScreenChange | null {
  const isBufferSwitched = now.alternate_active !== before.alternate_active;
  const resets: Reset[] = [];
  // The same session goes on under another life of its screen.
  if (now.epoch < before.epoch) resets.push("parser_restart");
  if (isBufferSwitched) resets.push(now.alternate_active ? "alternate_screen_enter" : "alternate_screen_exit");
  if (now.rows !== before.rows || now.cols !== before.cols) resets.push("resize");
  const rows = now.lines.flatMap((line, row) => {
    return resets.length > 0 || !isSame(line, before.lines[row]) ? [row] : [];
  });
  const isCursorMoved = resets.length > 0 || !isSame(now.cursor, before.cursor);
  if (rows.length === 0 && !isCursorMoved) return null;
  return { rows, isCursorMoved, isBufferSwitched, resets };
}

/** What is not said of it is as it was. */
function withRows(before: Screen, { changed, since_epoch: _, ...rest }: ScreenDelta): Screen {
  const lines = [...before.lines];
  for (const { row, line } of changed) lines[row] = line;
  return withoutAge({ ...rest, lines } as Screen);
}

function isDelta(read: Screen | ScreenDelta): read is ScreenDelta {
  return "changed" in read;
}

function withoutAge({ last_activity_ms: _, ...screen }: Screen): Screen {
  return screen as Screen;
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The same screen with its lines as plain texts. */
export function asPlain(screen: Screen): Screen {
  return { ...screen, lines: screen.lines.map(plainLine) };
}

function plainLine(line: Screen["lines"][number]): string {
  const text = typeof line === "string" ? line : line.map((span) => span.text).join("");
  return text.trimEnd();
}
