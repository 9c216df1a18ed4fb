// Lends a session to its attention: where it is, what its terminal and its screen say, and whom to tell.
import type { Attended } from "../attention/attention.ts";
import { type LineRules, linePatterns } from "../attention/line-rules.ts";
import { isAsking } from "../attention/verdict.ts";
import { look } from "../evidence/look.ts";
import { shellReads } from "../evidence/shell-reads.ts";
import type { CommandNews } from "../marks/commands.ts";
import type { News } from "../notices/notice-ring.ts";
import { untouchedQuestion } from "./prompt.ts";
import type { Session, SessionHooks } from "./session.ts";

export interface AttendedParts extends Pick<SessionHooks, "happened"> {
  readonly rules: LineRules | undefined;
}

/** Throws `invalid_pattern`. */
export function attendedOf(session: Session, { happened, rules }: AttendedParts): Attended {
  return {
    kernel: {
      look: (elsewhere) => look(session.running(), { elsewhere }),
      shellReads: () => shellReads(session.running()),
    },
    shell: session.shell,
    position: () => session.position(),
    // While output is still to be shown, the line is none to read, and a look does not do the screen's work.
    lineBeforeCursor: () => (session.ring.end === 0 || session.hasBacklog ? "" : session.caughtUp().lineBeforeCursor()),
    patterns: linePatterns(rules),
    lastLineShown: () => (session.ring.end === 0 || session.hasBacklog ? "" : session.caughtUp().lastLine()),
    isWatched: () =>
      session.waits.areAny || session.unwatchedSinceMs === null || session.notices.isFollowed("attention"),
    atPrompt: () => session.runs.atPrompt(),
    changed: () => session.waits.lookAgain(),
    settled: ({ attention, confidence }, from) => {
      const question = isAsking(attention) ? untouchedQuestion(session) : undefined;
      const epoch = session.caughtUp().look();
      session.notices.add({ kind: "attention", attention, confidence, epoch });
      happened(session, {
        type: "session.attention",
        attention,
        confidence,
        from,
        epoch,
        ...(question && { question }),
      });
    },
    commandNoted: (news) => session.notices.add(noticeOf(news)),
    commandEnded: ({ id, exit_code, duration_ms, from, to }) => {
      const told = { command: id, exit_code, confidence: "exact", duration_ms, from, to };
      happened(session, { type: "session.command", ...told });
    },
  };
}

function noticeOf(news: CommandNews): News {
  const { phase } = news;
  if (phase === "started") return { kind: "command", id: news.id, phase, from: news.from };
  const { id, exit_code, from, to } = news.command;
  return { kind: "command", id, phase, exit_code, from, to };
}
