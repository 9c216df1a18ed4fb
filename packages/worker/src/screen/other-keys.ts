// Holds how far a program wants to hear of modifiers that plain text cannot say (xterm's modifyOtherKeys, XTMODKEYS). The
// core does not know it. Decides nothing about keys.
import type { Core } from "./xterm-core.ts";

/** 0: not at all. 1: where the usual code would say less than was pressed. 2: of every modified key but plain Shift. */
export type OtherKeysLevel = 0 | 1 | 2;

/** The resource that `CSI > Pp ; Pv m` sets (ctlseqs, XTMODKEYS). */
const MODIFY_OTHER_KEYS = 4;

export class OtherKeys {
  #level: OtherKeysLevel = 0;

  /** Listens to what sets it on `core`. */
  constructor(core: Core) {
    const parser = core._inputHandler._parser;
    parser.registerCsiHandler({ prefix: ">", final: "m" }, ({ params: [resource, level = 0], length }) => {
      // Without a level, or any parameter, as at first. What stands beyond the length is of an earlier sequence.
      const isAlone = length <= 1;
      if (resource === MODIFY_OTHER_KEYS || (resource === 0 && isAlone)) this.#level = isAlone ? 0 : known(level);
      return true;
    });
    parser.registerCsiHandler({ prefix: ">", final: "n" }, ({ params: [resource] }) => {
      if (resource === MODIFY_OTHER_KEYS) this.#level = 0;
      return true;
    });
    parser.registerEscHandler({ final: "c" }, () => {
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
