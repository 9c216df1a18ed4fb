// `explain`: what a session wants and how that is known, in lines for people.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { visible } from "../print/visible.ts";

type Answer = OperationOutput<"sessions.explain">;

export const comfort: Comfort = {
  notes: ["The newest evidence comes first. The guide to attention has every rule, in the order in which it is tried."],
  show: (answer) => shown(answer as Answer),
};

function shown(answer: Answer): string {
  const { attention, confidence, rule, since, question, evidence, foreground, terminal, integration } = answer;
  const { last_command: last, prompt, lease } = answer;
  const lines = [
    `${answer.server}/${answer.session} ${attention} (${confidence}, ${rule}) since ${since}`,
    ...under("asks", question ? [question.text] : []),
    ...under(
      "because",
      evidence.map((one) => `${one.source} ${one.rule}: ${one.says}`),
    ),
    ...under(
      "foreground",
      (foreground?.processes ?? []).map((one) => `${one.pid} ${one.command} [${one.waiting_on}]`),
    ),
    ...under("terminal", terminal ? [terminalText(terminal)] : []),
    ...under("shell", [
      `${integration.shell ?? "none that is known"}, ${integration.active ? "marks its commands" : "without marks"}`,
    ]),
    ...under("prompt", prompt ? [promptText(prompt)] : []),
    ...under("lease", lease ? [`${lease.holder} (${lease.kind}) until ${lease.expires_at}`] : []),
    ...under("command", last ? [`${last.command ?? last.id} → ${last.exit_code ?? "?"}`] : []),
  ];
  return lines.map((line) => `${visible(line)}\n`).join("");
}

/** `paste, waiting: secret_prompt`. */
function promptText({ by, state, because }: NonNullable<Answer["prompt"]>): string {
  return `${by}, ${state}${because === undefined ? "" : `: ${because}`}`;
}

const MARGIN = 12;

/** Lines under one word, which stands before the first. */
function under(word: string, lines: readonly string[]): string[] {
  return lines.map((line, at) => (at === 0 ? word : "").padEnd(MARGIN) + line);
}

function terminalText({ echo, line_mode, alternate_active }: NonNullable<Answer["terminal"]>): string {
  const modes = [line_mode ? "line by line" : "key by key", echo ? "echo" : "no echo"];
  return [...modes, ...(alternate_active ? ["full screen"] : [])].join(", ");
}
