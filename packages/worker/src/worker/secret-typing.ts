// Has a secret typed into a session: finds out what its name stands for, and hands it to the host that holds the session,
// which decides whether it may be written. The one place where a value leaves the secrets of this machine.
import type { Call, HubEnd } from "@fleetty/protocol/link";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Secrets } from "../secrets/secrets.ts";
import type { Entry } from "./session-index.ts";

export interface SecretTypingParts {
  readonly secrets: Secrets;
  /** Throws what is answered of a session that does not live. */
  readonly hostOf: (session: string) => Promise<{ readonly end: HubEnd; readonly entry: Entry }>;
}

export class SecretTyping {
  readonly #parts: SecretTypingParts;

  constructor(parts: SecretTypingParts) {
    this.#parts = parts;
  }

  async type(input: OperationInput<"sessions.secret">, call: Call): Promise<OperationOutput<"sessions.secret">> {
    const { secrets, hostOf } = this.#parts;
    const { session, server: _, name, value: given, ...terms } = input;
    const { end, entry } = await hostOf(session);
    const found = name === undefined ? null : await secrets.find(name, entry.info?.tags ?? []);
    const { value, prompt } = found
      ? { value: found.value.reveal(), prompt: found.prompt }
      : { value: given, prompt: null };
    const asked = { session: entry.id, value, ...terms, ...(name && { name }), ...(prompt !== null && { prompt }) };
    const typed = (await end.request("sessions.type_secret", asked, call)) as OperationOutput<"sessions.type_secret">;
    if (name !== undefined && !typed.duplicate) secrets.used(name);
    return { ...typed, secret: name ?? null };
  }
}
