// A server that runs as the ordinary user, in a home of that user's.
import { spawnSync } from "node:child_process";
import { type Home, makeHome } from "../harness/folders.ts";
import { LAUNCHER, TestServer } from "../harness/server.ts";
import { asUser, handOver } from "./scratch-user.ts";

/** What to say to the runner where that user cannot run this checkout. */
export function missingForOrdinaryServer(): string | false {
  const [program = "", ...args] = asUser(LAUNCHER, "--version");
  return spawnSync(program, args, { cwd: "/" }).status !== 0 && "an ordinary user cannot run this checkout";
}

export async function startOrdinaryServer(): Promise<TestServer> {
  const home = makeHome();
  handOver(home.root);
  const server = new OrdinaryServer(home);
  try {
    await server.start();
    return server;
  } catch (thrown) {
    server.abandon();
    home.remove();
    throw thrown;
  }
}

class OrdinaryServer extends TestServer {
  constructor(home: Home) {
    super({ home, place: { enter: asUser() } });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    try {
      await super[Symbol.asyncDispose]();
    } finally {
      this.home.remove();
    }
  }
}
