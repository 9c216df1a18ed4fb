// Forms of the tools that type: bytes or keys as they are, and what types, waits until it is quiet, and reads the screen. What
// is typed is typed once: who waits goes on waiting, whoever asks again.
import { onSession } from "@fleetty/protocol/schemas/common";
import { keys as pressKeys, secret, input as typeBytes, typing } from "@fleetty/protocol/schemas/sessions";
import * as z from "zod";
import { invalidParams } from "../arguments.ts";
import { type Asked, form } from "../tool.ts";

const { data } = typeBytes.input.shape;
const { keys, repeat } = pressKeys.input.shape;
const sent = z.looseObject({ status: z.literal("sent"), ...pressKeys.output.shape });
const { value: _value, name: secretName, ...secretMembers } = secret.input.shape;
const bytesMembers = {
  input: z.string().max(1_048_576).describe("typed exactly as it is: no newline is added"),
  encoding: z.enum(["utf8", "base64"]).optional().describe("of input, default utf8"),
};

const send = z.object({ ...onSession, ...bytesMembers, ...typing });
type Sent = z.output<typeof send>;

export function typingForms() {
  return {
    send_input: form({
      says: "Type bytes into a session, exactly as they are; answered when the terminal has taken them all.",
      input: send,
      output: sent,
      answer: sendInput,
    }),
    send_keys: form({
      says: "Press keys by name (Enter, Up, C-c, F5), or type texts between them, as the program's modes want them.",
      input: z.object({ ...onSession, keys, repeat, ...typing }),
      output: sent,
      answer: async (input, asked) => ({ status: "sent", ...(await asked.call("sessions.keys", input)) }),
    }),
    send_secret: form({
      says: "Type a secret that the session's server knows by its name, and only where the terminal reads one.",
      input: z.object({ ...secretMembers, name: secretName.unwrap() }),
      output: secret.output,
      answer: (input, asked) => asked.call("sessions.secret", input),
    }),
  };
}

async function sendInput({ input, encoding = "utf8", ...rest }: Sent, asked: Asked): Promise<unknown> {
  const bytes = bytesOf(input, encoding);
  const position = await asked.call("sessions.input", { ...rest, data: bytes.toString("base64") });
  return { status: "sent", bytes: bytes.byteLength, ...position };
}

/** Throws ProtocolError for base64 that is none. */
export function bytesOf(input: string, encoding: "utf8" | "base64"): Buffer {
  if (encoding === "utf8") return Buffer.from(input);
  if (!data.safeParse(input).success) throw invalidParams("input is no base64; encode it again, or send it as utf8");
  return Buffer.from(input, "base64");
}
