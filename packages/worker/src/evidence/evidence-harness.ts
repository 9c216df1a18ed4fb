// Holds what the tests of this folder share: programs on real terminals, what the look at them is judged to be, and
// waiting for that. Knows nothing of single tests.
import { type JudgeContext, judge } from "../attention/judge.ts";
import { DEFAULT_RELAYS } from "../attention/relays.ts";
import type { Verdict } from "../attention/verdict.ts";
import { eventually, Run } from "../pty/pty-harness.ts";
import type { KernelLook } from "./kernel-look.ts";
import { type LookOptions, look } from "./look.ts";

export const PLAIN: JudgeContext = {
  marks: "off",
  lastLine: "",
  echoOffForMs: null,
  typedWasEchoed: false,
  relays: DEFAULT_RELAYS,
  patterns: [],
  lastShown: "",
};

const SEQUENCE = /\x1b(\[[0-?]*[ -/]*[@-~]|\].*?(\x07|\x1b\\)|[ -/]*[0-~])/g;

/** A program whose terminal is looked at. */
export class Watched {
  readonly run: Run;

  constructor(run: Run) {
    this.run = run;
  }

  static async start(argv: readonly string[], options: Parameters<typeof Run.start>[1] = {}): Promise<Watched> {
    return new Watched(await Run.start(argv, options));
  }

  look(options: LookOptions = {}): KernelLook {
    return look(this.run.pty, options);
  }

  verdict(context: Partial<JudgeContext> = {}, options: LookOptions = {}): Verdict {
    return judge(this.look(options), { ...PLAIN, lastLine: this.lastLine, ...context });
  }

  /** Of the innermost terminal: programs without their version, and what each waits for. */
  waits(): string[] {
    let at = this.look();
    while (at.inner && at.inner !== "lost") at = at.inner;
    const processes = at.foreground?.processes ?? [];
    return processes.map(({ program, waitingOn }) => `${program.replace(/[\d.]+$/, "")}: ${waitingOn}`);
  }

  /** Near enough to the screen's for programs that print lines. */
  get lastLine(): string {
    return (
      this.run.output
        .replaceAll(SEQUENCE, "")
        .split(/[\r\n]/)
        .at(-1) ?? ""
    );
  }

  /** Resolves once two looks in a row are judged alike. `wanted` is such as `needs_input strong K3 line`. */
  async comesTo(wanted: string, context: Partial<JudgeContext> = {}, options: LookOptions = {}): Promise<Verdict> {
    let before = "";
    let verdict = this.verdict(context, options);
    const isThere = () => {
      verdict = this.verdict(context, options);
      const [last, now] = [before, shown(verdict)];
      before = now;
      return now === wanted && last === wanted;
    };
    const seen = () => `${shown(verdict)} (${verdict.says}) on ${JSON.stringify(this.lastLine)}`;
    await eventually(`${wanted}; last seen: `, isThere).catch((late) => {
      throw new Error(`${late.message}${seen()}`);
    });
    return verdict;
  }

  async type(text: string): Promise<void> {
    await this.run.pty.write(Buffer.from(text));
  }
}

export function shown({ attention, confidence, rule, how }: Verdict): string {
  return [attention, confidence, rule, how].filter(Boolean).join(" ");
}
