// Remembers of an MCP client what a server has to hear again when it has forgotten it: the greeting, that it was taken, and
// the resources that the client subscribed to. Pure; sends nothing.

/** A JSON-RPC message, as far as anybody looks at it here. */
export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
}

export class Greeting {
  #initialize: Message | null = null;
  #isTaken = false;
  readonly #subscribed = new Set<string>();

  /** What the client sends. */
  sent(message: Message): void {
    const uri = String(message.params?.["uri"]);
    if (message.method === "initialize") this.#initialize = message;
    else if (message.method === "notifications/initialized") this.#isTaken = true;
    else if (message.method === "resources/subscribe") this.#subscribed.add(uri);
    else if (message.method === "resources/unsubscribe") this.#subscribed.delete(uri);
  }

  /** Whether a server that has forgotten this client can be told again. */
  get isKnown(): boolean {
    return this.#initialize !== null;
  }

  /** What to say first, and what after its answer. Their ids are ours: nobody else sees the answers. */
  again(): { first: Message; after: Message[] } | null {
    if (!this.#initialize) return null;
    const taken = this.#isTaken ? [{ jsonrpc: "2.0", method: "notifications/initialized" }] : [];
    const subscribing = [...this.#subscribed].map((uri, at) => ({
      jsonrpc: "2.0",
      id: `fleetty-again-${at}`,
      method: "resources/subscribe",
      params: { uri },
    }));
    return { first: { ...this.#initialize, id: "fleetty-again" }, after: [...taken, ...subscribing] };
  }
}
