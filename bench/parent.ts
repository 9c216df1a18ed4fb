// The bench as a program of its own sees it: takes orders, gives answers, and ends when the bench has gone.

/** Says that the program is ready, and stays until the bench ends it. `act` answers each order, if there are any. */
export function ready<Order, Answer>(act?: (order: Order) => Promise<Answer>): void {
  process.once("disconnect", () => process.exit());
  process.on("message", async (order: Order) => process.send?.(await act?.(order)));
  process.send?.("ready");
}
