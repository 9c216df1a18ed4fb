// Reads a secret from whoever calls: from the terminal without echo, else from standard input. It never stands on a command
// line, which every process list shows.
import { FleettyError } from "@fleetty/protocol/errors";
import { problemOfSecret } from "@fleetty/protocol/secret-value";
import { readStandardInput } from "./standard-input.ts";

const ENDS = /[\r\n\x04]/;
const INTERRUPT = "\x03";
const ERASE = /[\x7f\b]/;
const KILL = "\x15";

/** Without its final line end. Throws `invalid_request` for none, or for one that cannot be typed, and `cancelled`. */
export async function readSecret(signal: AbortSignal): Promise<string> {
  const text = process.stdin.isTTY ? await hiddenLine(signal) : await piped(signal);
  const problem = problemOfSecret(text);
  if (problem === null) return text;
  throw new FleettyError("invalid_request", `the secret ${problem}; nothing was sent`, { field: "value" });
}

async function piped(signal: AbortSignal): Promise<string> {
  const bytes = await readStandardInput(signal);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    throw new FleettyError("invalid_request", "the secret is no text in UTF-8; nothing was sent", { field: "value" });
  }
}

/** One line of the terminal, which shows nothing of it and is given back as it was. */
async function hiddenLine(signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process;
  stdin.setRawMode(true).setEncoding("utf8");
  stderr.write("secret: ");
  try {
    return await new Promise<string>((resolve, reject) => {
      const line = new HiddenLine();
      const cancelled = () => reject(new FleettyError("cancelled", "interrupted"));
      signal.addEventListener("abort", cancelled, { once: true });
      stdin.once("end", cancelled);
      stdin.on("data", (typed: string) => {
        const said = line.take(typed);
        if (said === "interrupted") cancelled();
        else if (said) resolve(line.text);
      });
    });
  } finally {
    stdin.removeAllListeners("data").setRawMode(false).pause();
    stderr.write("\n");
  }
}

/** Edits as the kernel would in line mode: erase, and kill the line. */
class HiddenLine {
  #characters: string[] = [];

  get text(): string {
    return this.#characters.join("");
  }

  /** Whether the line has ended. */
  take(typed: string): boolean | "interrupted" {
    for (const character of typed) {
      if (character === INTERRUPT) return "interrupted";
      if (ENDS.test(character)) return true;
      if (ERASE.test(character)) this.#characters.pop();
      else if (character === KILL) this.#characters = [];
      else this.#characters.push(character);
    }
    return false;
  }
}
