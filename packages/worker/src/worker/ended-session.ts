// Answers for a session that has ended, from its files: the same reads as of a live one, at its last moment. Of one that was
// lost with its host there is no file: it has ended, and what it printed is a gap.
import { FleettyError } from "@fleetty/protocol/errors";
import type { PreparedJson } from "@fleetty/protocol/link";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Screen, SessionInfo } from "@fleetty/protocol/schemas/common";
import { Ring } from "@fleetty/protocol/stream/ring";
import { NoticeRing } from "../notices/notice-ring.ts";
import { readOutput } from "../output/output-range.ts";
import { commandNotFound } from "../run/runs.ts";
import { highlightsOf, type StyledScreen } from "../screen/highlights.ts";
import { ANSWER_MAX_BYTES, type KeptLines, ScrollbackReading } from "../session/scrollback-answer.ts";
import { type Final, type FinalHeader, SessionFiles } from "../session-host/session-files.ts";
import { waitOnEnded } from "../waits/ended.ts";

const READS = ["screen", "scrollback", "snapshot", "output", "idle", "wait", "explain", "notices"] as const;

/** As a Final; of a session that was lost it has the positions that were known of it and no screens. */
interface Last {
  readonly header: Omit<FinalHeader, "styled" | "plain" | "snapshot"> & {
    readonly styled: Screen | null;
    readonly plain: Screen | null;
  };
  readonly output: Uint8Array;
}

export class EndedSession {
  readonly #info: SessionInfo;
  readonly #files: SessionFiles;

  constructor(stateDir: string, info: SessionInfo) {
    this.#info = info;
    this.#files = new SessionFiles(stateDir, info.id);
  }

  async screen(input: OperationInput<"sessions.screen">): Promise<OperationOutput<"sessions.screen">> {
    const { header } = await this.#final();
    const { epoch, generation, end: offset } = header;
    if (input.since_epoch === epoch) return { epoch, unchanged: true, generation, offset };
    const screen = this.#aged(header[input.format ?? "styled"]);
    return input.highlights ? { ...screen, highlights: highlightsOf(header.styled as StyledScreen) } : screen;
  }

  async snapshot(): Promise<OperationOutput<"sessions.snapshot">> {
    return (await this.#final()).header.snapshot;
  }

  /** What is kept of its lines: those of the final screen. */
  async scrollback(input: OperationInput<"sessions.scrollback">): Promise<PreparedJson> {
    const { header } = await this.#final();
    const { lines } = header[input.format ?? "styled"];
    const { epoch } = header;
    const kept: KeptLines = { epoch, totalLines: lines.length, lines: (from, to) => lines.slice(from, to).values() };
    const reading = new ScrollbackReading(kept, input);
    while (reading.read(ANSWER_MAX_BYTES));
    return reading.answer;
  }

  async output(input: OperationInput<"sessions.output">): Promise<OperationOutput<"sessions.output">> {
    // Commands went with their shell.
    if (input.command !== undefined) throw commandNotFound(input.command);
    const last = await this.#last();
    const answer = readOutput(ringOf(last), input);
    const isLost = last.header.plain === null;
    return isLost ? { ...answer, gaps: answer.gaps.map((gap) => ({ ...gap, reason: "lost" })) } : answer;
  }

  async idle(input: OperationInput<"sessions.idle">): Promise<OperationOutput<"sessions.idle">> {
    const { header } = await this.#final();
    const screen = this.#aged(header[input.format ?? "styled"]);
    return {
      screen,
      scrollback_lines: screen.total_lines,
      generation: header.generation,
      last_activity_ms: screen.last_activity_ms,
      attention: "done",
      state: "exited",
      ...(this.#info.exit && { exit: this.#info.exit }),
    };
  }

  async wait(input: OperationInput<"sessions.wait">): Promise<OperationOutput<"sessions.wait">> {
    const last = await this.#last();
    return waitOnEnded({ info: this.#info, ring: ringOf(last), header: last.header }, input);
  }

  /** What nobody had asked for yet when it ended. */
  async notices({ after, kinds }: OperationInput<"sessions.notices">): Promise<OperationOutput<"sessions.notices">> {
    const ring = new NoticeRing((await this.#files.readFinal())?.header.notices);
    const ended = { exit: this.#info.exit, offset: this.#info.offset };
    return { ...ring.after(after ?? ring.end, kinds), ended };
  }

  async explain(): Promise<OperationOutput<"sessions.explain">> {
    const { name, server, id, exit, exited_at, created_at, generation, offset } = this.#info;
    const at = exited_at ?? created_at;
    const confidence = exit && "unknown" in exit ? "strong" : "exact";
    const says = confidence === "exact" ? "the program has ended" : "its machine or session host was lost";
    return {
      session: name,
      server,
      id,
      state: "exited",
      exit,
      attention: "done",
      confidence,
      rule: "E1",
      since: at,
      evidence: [{ source: "process", rule: "E1", says, at, offset }],
      history: [{ attention: "done", confidence, rule: "E1", at, generation, offset }],
      foreground: null,
      terminal: null,
      integration: { shell: null, active: false },
      last_command: null,
      last_output_ms: null,
      last_input_ms: null,
      lease: null,
      clients: 0,
    };
  }

  /** What can still be asked of it, by the name of the operation; everything else is refused. */
  async answer(name: string, input: object): Promise<unknown> {
    const word = READS.find((one) => name === `sessions.${one}`);
    return word ? this[word](input as never) : this.refuse();
  }

  /** What would change it is refused. */
  refuse(): never {
    const { name, exit, exited_at } = this.#info;
    throw new FleettyError("session_exited", `session ${JSON.stringify(name)} has ended; create another`, {
      exit,
      exited_at,
    });
  }

  #aged<S extends { last_activity_ms?: number | undefined }>(screen: S): S & { last_activity_ms: number } {
    const sinceEndMs = Date.now() - Date.parse(this.#info.exited_at ?? new Date().toISOString());
    return { ...screen, last_activity_ms: Math.max(0, (screen.last_activity_ms ?? 0) + sinceEndMs) };
  }

  async #last(): Promise<Last> {
    const { offset: end, generation, epoch } = this.#info;
    const lost = { header: { oldest: end, end, generation, epoch, styled: null, plain: null }, output: Buffer.of() };
    return (await this.#files.readFinal()) ?? lost;
  }

  async #final(): Promise<Final> {
    const final = await this.#files.readFinal();
    if (final) return final;
    const message = `what session ${JSON.stringify(this.#info.name)} printed was lost with its session host`;
    throw new FleettyError("parser_unavailable", message, { reason: "host_lost" });
  }
}

function ringOf({ header, output }: Last): Ring {
  const ring = new Ring(Math.max(output.byteLength, 1), header.oldest);
  ring.append(output);
  return ring;
}
