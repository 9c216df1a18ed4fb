// Hands items from a socket to one consumer, one at a time. The sender is held back by credit for what was consumed; an
// item counts as consumed when the next one is asked for. Whoever fills it from elsewhere waits for room first.

/** How an iteration ends: quietly, or by throwing. */
export type End = "done" | { readonly error: unknown };

export interface ItemQueueOptions<Item> {
  /** Bytes of memory that an item stands for, about. */
  readonly weigh: (item: Item) => number;
  readonly onConsumed: (item: Item) => void;
}

export class ItemQueue<Item> {
  readonly #options: ItemQueueOptions<Item>;
  readonly #items: Item[] = [];
  #weight = 0;
  #handedOut: Item | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<Item, undefined>> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #end: End | undefined;

  constructor(options: ItemQueueOptions<Item>) {
    this.#options = options;
  }

  push(item: Item): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#weight += this.#options.weigh(item);
    this.#settle();
  }

  /** What is queued still comes, then the iteration ends. Only the first end counts. */
  finish(end: End): void {
    this.#end ??= end;
    this.#room?.resolve();
    this.#settle();
  }

  /** The consumer has gone: what is queued is dropped. */
  abandon(): void {
    this.#items.length = 0;
    this.finish("done");
  }

  /** Resolves when less than `maxWeight` is queued, or the iteration has ended. */
  async roomBelow(maxWeight: number): Promise<void> {
    while (this.#weight >= maxWeight && !this.#end) {
      this.#room ??= Promise.withResolvers();
      await this.#room.promise;
    }
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    this.#consume();
    const waiting = Promise.withResolvers<IteratorResult<Item, undefined>>();
    this.#waiting = waiting;
    this.#settle();
    return waiting.promise;
  }

  #consume(): void {
    const item = this.#handedOut;
    if (item === undefined) return;
    this.#handedOut = undefined;
    this.#weight -= this.#options.weigh(item);
    this.#room?.resolve();
    this.#room = undefined;
    this.#options.onConsumed(item);
  }

  #settle(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const item = this.#items.shift();
    if (item === undefined && !this.#end) return;
    this.#waiting = undefined;
    this.#handedOut = item;
    if (item !== undefined) return waiting.resolve({ done: false, value: item });
    if (this.#end === "done" || !this.#end) return waiting.resolve({ done: true, value: undefined });
    const { error } = this.#end;
    this.#end = "done";
    waiting.reject(error);
  }
}
