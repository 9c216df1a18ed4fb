// Holds how far a program wants to hear of modifiers that plain text cannot say (xterm's modifyOtherKeys, XTMODKEYS). The
// core does not know it. Decides nothing about keys.
import type { Core, CoreParams, SequenceId } from "./xterm-core.ts";

/** 0: not at all. 1: where the usual code would say less than was pressed. 2: of every modified key but plain Shift. */
export type OtherKeysLevel = 0 | 1 | 2;

/** The resource that `CSI > Pp ; Pv m` sets (ctlseqs, XTMODKEYS). */
const MODIFY_OTHER_KEYS = 4;

export class OtherKeys {
  #level: OtherKeysLevel = 0;

  /** Listens to what sets it on `core`. */
  constructor(core: Core) {
    const on = (id: SequenceId, level: (params: CoreParams) => number) =>
      core._inputHandler._parser.registerCsiHandler(id, (params) => {
        const isMeant = params.length === 0 || params.params[0] === 0 || params.params[0] === MODIFY_OTHER_KEYS;
        if (isMeant) this.#level = known(level(params));
        return true;
      });
    on({ prefix: ">", final: "m" }, ({ params, length }) => (length > 1 ? (params[1] as number) : 0));
    on({ prefix: ">", final: "n" }, () => 0);
    core._inputHandler._parser.registerEscHandler({ final: "c" }, () => {
      this.#level = 0;
      return false;
    });
  }

  get level(): OtherKeysLevel {
    return this.#level;
  }

  /** Sets the same on a reset terminal. */
  get sequence(): string {
    return this.#level === 0 ? "" : `\x1b[>${MODIFY_OTHER_KEYS};${this.#level}m`;
  }
}

function known(level: number): OtherKeysLevel {
  return level === 1 || level === 2 ? level : 0;
}
