// What a session feels while something else keeps its server or its session host busy: its echo, and then its screen, which the
// echo has changed, so that its host is asked. Looks again and again, and adds little work itself.
import { setTimeout as pause } from "node:timers/promises";
import type { TestServer } from "../tests/harness/server.ts";
import { type EchoTerminal, typeKey } from "./echo-terminal.ts";
import { percentile, timed } from "./measure.ts";

/** Between two looks: many in a few seconds. */
const LOOK_EVERY_MS = 5;

export interface Neighbour {
  readonly server: TestServer;
  /** At the session `echo`. */
  readonly echo: EchoTerminal;
}

/** Both p99, in ms. */
export interface Felt<T> {
  readonly result: T;
  readonly echoP99: number;
  readonly screenP99: number;
}

/** Until `doing` is over. */
export async function felt<T>({ server, echo }: Neighbour, doing: Promise<T>): Promise<Felt<T>> {
  const echoes: number[] = [];
  const screens: number[] = [];
  const result = await meanwhile(doing, async () => {
    echoes.push(await timed(() => typeKey(echo)));
    screens.push(await timed(() => server.ask({ path: "/sessions/echo/screen" })));
  });
  return { result, echoP99: percentile(echoes, 0.99), screenP99: percentile(screens, 0.99) };
}

/** Looks again and again until `doing` is over; rejects with the first of both that does. */
export async function meanwhile<T>(doing: Promise<T>, look: () => Promise<void>): Promise<T> {
  let isOver = false;
  const looking = async () => {
    while (!isOver) {
      await look();
      await pause(LOOK_EVERY_MS);
    }
  };
  const over = doing.finally(() => {
    isOver = true;
  });
  const [result] = await Promise.all([over, looking()]);
  return result;
}
