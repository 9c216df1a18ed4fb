// Many viewers of one terminal in one process of their own, as lean as they can be: they keep no byte. Takes two orders: to
// attach, and then to let the program begin and watch to its end; tells how old each line and each burst was when it came
// to each viewer, and what did not come.
import { once } from "node:events";
import { WebSocket } from "ws";
import { ageMs, BURSTS } from "./beat.ts";
import { percentile } from "./measure.ts";
import { ready } from "./parent.ts";
import { StreamViewer } from "./stream-viewer.ts";

export type CrowdOrder =
  | { readonly act: "attach"; readonly viewers: number; readonly socketPath: string; readonly session: string | null }
  | { readonly act: "watch" };

/** Ages in ms, from the program's write to the viewer. */
export interface Watched {
  readonly steadyP50: number;
  readonly steadyP99: number;
  readonly burstP50: number;
  readonly burstP99: number;
  /** Bytes that are missing, or came twice, without a word. */
  readonly undeclaredBytes: number;
  /** Bytes in gaps that streams told of, of all viewers. */
  readonly declaredBytes: number;
}

/** Handshakes under way at once. */
const AT_ONCE = 16;

interface CrowdViewer {
  readonly exited: Promise<unknown>;
  onOutput: (bytes: Uint8Array) => void;
  readonly undeclaredBytes: number;
  readonly declaredBytes: number;
  type(text: string): void;
}

class Crowd {
  readonly #viewers: CrowdViewer[] = [];

  async attach(viewers: number, open: () => Promise<CrowdViewer>): Promise<void> {
    let left = viewers;
    const some = async () => {
      while (left-- > 0) this.#viewers.push(await open());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, some));
  }

  async watch(): Promise<Watched> {
    const steady: number[] = [];
    const bursts: number[] = [];
    for (const viewer of this.#viewers) viewer.onOutput = listener(steady, bursts);
    this.#viewers[0]?.type("\r");
    await Promise.all(this.#viewers.map(({ exited }) => exited));
    const total = (of: "undeclaredBytes" | "declaredBytes") => this.#viewers.reduce((sum, one) => sum + one[of], 0);
    return {
      steadyP50: percentile(steady, 0.5),
      steadyP99: percentile(steady, 0.99),
      burstP50: percentile(bursts, 0.5),
      burstP99: percentile(bursts, 0.99),
      undeclaredBytes: total("undeclaredBytes"),
      declaredBytes: total("declaredBytes"),
    };
  }
}

/** A stamp that ends more than a few lines is that of a burst. */
function listener(steady: number[], bursts: number[]): (output: Uint8Array) => void {
  let sinceStamp = 0;
  return (output) => {
    sinceStamp += output.byteLength;
    const age = ageMs(output);
    if (age === null) return;
    (sinceStamp > BURSTS.bytes / 2 ? bursts : steady).push(age);
    sinceStamp = 0;
  };
}

/** At the bare relay: what comes has no frame, and is compared with what the first viewer got. */
async function relayed(socketPath: string): Promise<CrowdViewer> {
  const socket = new WebSocket(`ws+unix:${socketPath}:/`);
  const viewer = {
    exited: once(socket, "close"),
    onOutput: (_bytes: Uint8Array) => {},
    undeclaredBytes: 0,
    declaredBytes: 0,
    type: (text: string) => socket.send(text),
  };
  socket.on("message", (bytes: Buffer) => viewer.onOutput(bytes));
  await once(socket, "open");
  return viewer;
}

const crowd = new Crowd();

async function obey(order: CrowdOrder): Promise<Watched | "attached"> {
  if (order.act === "watch") return await crowd.watch();
  const { viewers, socketPath, session } = order;
  await crowd.attach(viewers, () => (session === null ? relayed(socketPath) : StreamViewer.open(socketPath, session)));
  return "attached";
}

if (import.meta.main) ready(obey);
