// `paste`: pastes a text, or standard input when there is no text.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "../comfort.ts";
import { readStandardInput } from "../standard-input.ts";

export const comfort: Comfort = {
  completes: ["text"],
  notes: [
    "Without TEXT, standard input is pasted. What would run half-way, be cut or answer a prompt for a secret is refused.",
  ],
  input: async ({ members }, signal) => ({
    ...members,
    text: members["text"] ?? textOf(await readStandardInput(signal)),
  }),
  show: () => "",
};

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const message = "what is to be pasted is no text in UTF-8; fleetty send types bytes as they are";
    throw new FleettyError("invalid_request", message, undefined, { cause });
  }
}
