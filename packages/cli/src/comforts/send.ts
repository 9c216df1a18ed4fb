// `send`: types a text, or standard input as it is when there is no text.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "../comfort.ts";
import { readStandardInput } from "../standard-input.ts";

/** What the Enter key sends. */
const ENTER = "\r";

export const comfort: Comfort = {
  completes: ["data"],
  hides: ["data"],
  extras: [{ flag: "--enter", value: null, says: "press Enter after it" }],
  notes: [
    "Without DATA, standard input is typed, byte for byte. Answers when the terminal has taken all of it;",
    "the position printed with --json is what wait --since takes.",
  ],
  input: async ({ members, extras }, signal) => {
    const enter = extras["--enter"] === true ? ENTER : "";
    const given = members["data"] as string | undefined;
    const text =
      given === undefined && enter === "" ? await readStandardInput(signal) : Buffer.from(`${given ?? ""}${enter}`);
    if (text.byteLength > 0) return { ...members, data: text };
    throw new FleettyError("invalid_request", "there is nothing to type; give a text or pipe one in");
  },
  show: () => "",
};
