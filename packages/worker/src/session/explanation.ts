// Answers why a session is seen as it is: what it wants, what that is known from, and what the kernel says of it just now.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Change } from "../attention/attention-state.ts";
import { isAsking } from "../attention/verdict.ts";
import { questionOf, shellOf } from "./prompt.ts";
import type { Session } from "./session.ts";
import { timeOf } from "./wall-clock.ts";

type Answer = OperationOutput<"sessions.explain">;

/** Of what was wanted before (public contract). */
const HISTORY_MAX = 20;

export function explain(session: Session): Answer {
  const { attention, end, spec, labels } = session;
  const look = end ? null : attention.look();
  const { current } = attention;
  const nowMs = performance.now();
  return {
    session: labels.name,
    server: spec.server,
    id: session.id,
    state: end ? "exited" : "running",
    exit: end?.exit ?? null,
    attention: current.attention,
    confidence: current.confidence,
    rule: current.rule,
    since: timeOf(current.atMs),
    ...(isAsking(current.attention) && { question: questionOf(session) }),
    evidence: attention.statements.map(({ atMs, ...statement }) => ({ ...statement, at: timeOf(atMs) })),
    history: attention.changes.slice(-HISTORY_MAX).reverse().map(told),
    foreground: look && foregroundOf(look),
    terminal: look ? terminalOf(session, look.terminal) : null,
    integration: { shell: shellOf(session), active: session.shell.isActive },
    last_command: lastCommand(session),
    prompt: session.launch.prompt.shown,
    last_output_ms: since(session.lastAtMs.output, nowMs),
    last_input_ms: since(session.lastAtMs.input, nowMs),
    lease: session.lease.shown,
    // Who watches is known where it is watched through.
    clients: 0,
  };
}

function told({ attention, confidence, rule, atMs, generation, offset }: Change) {
  return { attention, confidence, rule, at: timeOf(atMs), generation, offset };
}

function since(atMs: number | null, nowMs: number): number | null {
  return atMs === null ? null : Math.max(0, Math.round(nowMs - atMs));
}

type Look = NonNullable<ReturnType<Session["attention"]["look"]>>;

function lastCommand({ shell }: Session): Answer["last_command"] {
  const { open, last } = shell.commands;
  if (open) return { id: open.id, command: open.text, exit_code: null, from: open.from, to: null };
  return last && { id: last.id, command: last.text, exit_code: last.exit_code, from: last.from, to: last.to };
}

/** What the kernel has just said of it; null where it says nothing. */
export function foregroundOf({ foreground }: Look): Answer["foreground"] {
  return (
    foreground && {
      pgid: foreground.processGroup,
      processes: foreground.processes.map(({ pid, command, waitingOn }) => ({ pid, command, waiting_on: waitingOn })),
    }
  );
}

function terminalOf(session: Session, line: Look["terminal"]): Answer["terminal"] {
  if (!line) return null;
  const { alternate, bracketedPaste } = session.caughtUp().modes();
  return {
    echo: line.echoes,
    line_mode: line.isLineMode,
    bracketed_paste: bracketedPaste,
    alternate_active: alternate,
  };
}
