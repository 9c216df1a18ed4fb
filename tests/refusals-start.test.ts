// What a server does not start with: folders and sockets that are not its user's alone, paths and addresses that cannot be,
// flags that nobody knows. Each refusal names the thing, and leaves what it found. Clients judge the same folders alike.
import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Home, makeHome } from "./harness/folders.ts";
import { type CommandResult, runFleetty, startServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Exit codes that the commands promise. */
const [UNUSABLE, NOT_ALLOWED] = [2, 3];

let home: Home;
let runtimeDir: string;
let stateDir: string;

beforeEach(() => {
  home = makeHome();
  runtimeDir = join(home.root, "run/fleetty");
  stateDir = home.stateDir("default");
});
afterEach(() => home.remove());

/** Refused in one line that says each of `says`, with nothing on standard output. */
async function assertRefused(run: Promise<CommandResult>, code: number, ...says: readonly string[]): Promise<void> {
  const { code: seen, stdout, stderr } = await run;
  assert.deepEqual([seen, stdout], [code, ""], stderr);
  const refusals = stderr.split("\n").filter((line) => line.startsWith("fleetty: "));
  assert.equal(refusals.length, 1, stderr);
  assert.doesNotMatch(stderr, /internal_error|^ +at /m);
  for (const said of says) assert.ok(refusals[0]?.includes(said), `${refusals[0]} does not say ${said}`);
}

const server = (...args: string[]) => runFleetty(["server", ...args], { home });
const fleetty = (...args: string[]) => runFleetty(args, { home });

interface Spoilt {
  readonly says: string;
  readonly spoil: (path: string) => void;
  /** Why it cannot be tried here. */
  readonly skip?: string | false;
}

const spoilt: Readonly<Record<string, Spoilt>> = {
  "belongs to another user": {
    says: "belongs to user 12345",
    spoil: (path) => {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      chownSync(path, 12_345, 12_345);
    },
    skip: process.getuid?.() !== 0 && "only root can give a folder away",
  },
  "is a link": {
    says: "symbolic link",
    spoil: (path) => {
      mkdirSync(`${path}-elsewhere`, { recursive: true, mode: 0o700 });
      symlinkSync(`${path}-elsewhere`, path);
    },
  },
  "is open to all": {
    says: "mode 0777",
    spoil: (path) => {
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o777);
    },
  },
};

for (const [sentence, { says, spoil, skip = false }] of Object.entries(spoilt)) {
  describe(`a folder that ${sentence}`, () => {
    it("is no runtime folder for a server, which leaves it as it was", { skip }, async () => {
      spoil(runtimeDir);
      const before = lstatSync(runtimeDir);
      await assertRefused(server(), NOT_ALLOWED, runtimeDir, says);
      const { mode, uid, ino } = lstatSync(runtimeDir);
      assert.deepEqual([mode, uid, ino], [before.mode, before.uid, before.ino]);
      assert.deepEqual(readdirSync(runtimeDir), []);
    });

    it("is no state folder for a server, which writes nothing into it", { skip }, async () => {
      mkdirSync(join(stateDir, ".."), { recursive: true });
      spoil(stateDir);
      await assertRefused(server(), NOT_ALLOWED, stateDir, says);
      assert.deepEqual(readdirSync(stateDir), []);
      await assertRefused(fleetty("server", "start"), NOT_ALLOWED, stateDir, says);
      assert.deepEqual(readdirSync(stateDir), [], "nor does who starts one in the background");
    });

    it("is no place for a socket that was chosen", { skip }, async () => {
      const chosen = join(home.root, "chosen");
      spoil(chosen);
      await assertRefused(fleetty("--socket", join(chosen, "s"), "server"), NOT_ALLOWED, chosen, says);
      assert.deepEqual(readdirSync(chosen), []);
    });

    it("hides whoever listens there from clients, who send nothing", { skip }, async () => {
      spoil(runtimeDir);
      let heard = 0;
      const squatter = createServer((socket) => {
        heard += 1;
        socket.destroy();
      });
      const path = join(runtimeDir, "default.http.sock");
      await new Promise<void>((resolve) => squatter.listen(path, resolve));
      try {
        for (const command of [
          ["ls"],
          ["new", "build"],
          ["send", "build", "a secret"],
          ["attach", "build"],
          ["stop"],
        ]) {
          await assertRefused(fleetty(...command), NOT_ALLOWED, runtimeDir, says, "nothing was sent");
        }
        assert.equal(heard, 0);
      } finally {
        squatter.close();
      }
    });
  });
}

describe("the path of a server's socket", () => {
  it("is never taken from what is no socket", async () => {
    mkdirSync(runtimeDir, { mode: 0o700 });
    const path = join(runtimeDir, "default.http.sock");
    writeFileSync(path, "precious");
    const { ino } = lstatSync(path);
    await assertRefused(server(), NOT_ALLOWED, path, "is not a socket");
    await assertRefused(fleetty("ls"), NOT_ALLOWED, path, "is not a socket");
    assert.deepEqual([lstatSync(path).ino, readdirSync(runtimeDir)], [ino, ["default.http.sock"]]);
  });

  it("is never taken from another process that listens there", async () => {
    mkdirSync(runtimeDir, { mode: 0o700 });
    const path = join(runtimeDir, "default.http.sock");
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(path, resolve));
    try {
      await assertRefused(server(), NOT_ALLOWED, path, "answered by another process");
      assert.ok(lstatSync(path).isSocket());
    } finally {
      other.close();
    }
  });

  it("is refused when no kernel takes it, by server and clients alike, and nothing is made", async () => {
    const long = join(home.root, "x".repeat(100));
    const inLongFolder = { ...home, env: { ...home.env, XDG_RUNTIME_DIR: long } };
    for (const command of [["server"], ["ls"], ["new"], ["server", "start"], ["session-host", "status"]]) {
      await assertRefused(runFleetty(command, { home: inLongFolder }), UNUSABLE, long, "bytes");
      await assertRefused(fleetty("--socket", join(long, "s"), ...command), UNUSABLE, long, "bytes");
    }
    assert.deepEqual(readdirSync(home.root).sort(), ["home", "run", "state"]);
    assert.deepEqual([readdirSync(join(home.root, "run")), readdirSync(join(home.root, "state"))], [[], []]);
  });

  it("may be chosen in a private folder, and is taken away at the end", async () => {
    const chosen = join(home.root, "chosen");
    mkdirSync(chosen, { mode: 0o700 });
    const socket = join(chosen, "s");
    const there = (...args: string[]) => fleetty("--socket", socket, ...args);
    try {
      assert.equal((await there("server", "start")).code, 0);
      const made = await there("new", "build", "--", "sleep", "100");
      assert.deepEqual(made, { code: 0, stdout: "build\n", stderr: "" });
    } finally {
      assert.equal((await there("stop", "--end-sessions")).code, 0);
    }
    await waitUntil("it is taken away", () => readdirSync(chosen).length === 0);
  });
});

describe("a server's command line", () => {
  const refusals: Readonly<Record<string, readonly [args: string[], ...says: string[]]>> = {
    "an unknown flag": [["--bindd", "127.0.0.1:0"], "--bindd", "fleetty server --help"],
    "a flag of another case": [["--Bind", "127.0.0.1:0"], "--Bind"],
    "a word that is no flag": [["here"], "here"],
    "a flag without its value": [["--bind"], "--bind"],
    "a value for a switch": [["--ephemeral=yes"], "--ephemeral"],
    "a bind without a port": [["--bind", "127.0.0.1"], "--bind", '"127.0.0.1"', "host:port"],
    "a bind without a host": [["--bind", ":7337"], "--bind", '":7337"'],
    "a port alone": [["--bind", "7337"], "--bind", '"7337"'],
    "a port that is none": [["--bind", "127.0.0.1:http"], "--bind", '"127.0.0.1:http"'],
    "a port above all": [["--bind", "127.0.0.1:65536"], "--bind", '"127.0.0.1:65536"'],
    "a bare IPv6 address": [["--bind", "::1:7337"], "--bind", '"::1:7337"'],
    "a URL to bind": [["--bind", "http://127.0.0.1:7337"], "--bind", "http://"],
    "an empty bind": [["--bind", ""], "--bind"],
    "a second bind that is none": [["--bind", "127.0.0.1:0", "--bind", "x"], "--bind", '"x"'],
    "a hostname that is none": [["--hostname", "a_b"], "--hostname"],
    "no sessions at all": [["--max-sessions", "0"], "--max-sessions"],
    "a number that is none": [["--max-sessions", "many"], "--max-sessions"],
    "half a session": [["--max-sessions", "1.5"], "--max-sessions"],
    "a ring that is too small": [["--output-ring", "1"], "--output-ring"],
    "a log level that is none": [["--log-level", "loud"], "--log-level"],
  };
  for (const [sentence, [args, ...says]] of Object.entries(refusals)) {
    it(`refuses ${sentence}, and makes nothing`, async () => {
      await assertRefused(server(...args), UNUSABLE, ...says);
      assert.deepEqual([readdirSync(join(home.root, "run")), readdirSync(join(home.root, "state"))], [[], []]);
    });
  }

  it("refuses an instance that cannot be named so", async () => {
    for (const name of ["", "..", "a/b", "x".repeat(33)]) {
      await assertRefused(fleetty("-L", name, "server"), UNUSABLE, JSON.stringify(name));
    }
  });

  it("refuses flags for a server that is started in the background, rather than forget them", async () => {
    const starting = fleetty("server", "start", "--bind", "127.0.0.1:0");
    await starting;
    assert.equal((await fleetty("stop")).code, 8, "it was started");
    await assertRefused(starting, UNUSABLE, "--bind");
  });
});

describe("an address that cannot be had", () => {
  it("is refused by name, and the server goes as if it had not come", async () => {
    await using other = await startServer({ tcp: true });
    const { port } = await other.tcp();
    const cases: [bind: string, ...says: string[]][] = [
      [`127.0.0.1:${port}`, `127.0.0.1:${port}`, "in use"],
      ["192.0.2.1:0", "192.0.2.1:0"],
    ];
    for (const [bind, ...says] of cases) {
      await assertRefused(server("--bind", "127.0.0.1:0", "--bind", bind), 8, "--bind", ...says);
      assert.deepEqual(readdirSync(runtimeDir), [], "it left its socket");
    }
    assert.equal((await server("--help")).code, 0);
    assert.ok(await other.answers());
  });
});

describe("a token file", () => {
  const tokenFile = () => join(home.root, "token");

  it("is refused when it is not there, open to others, or too short, and its content is never said", async () => {
    await assertRefused(server("--token-file", tokenFile()), UNUSABLE, tokenFile());
    writeFileSync(tokenFile(), "0123456789abcdef-secret\n", { mode: 0o644 });
    await assertRefused(server("--token-file", tokenFile()), NOT_ALLOWED, tokenFile(), "chmod 600");
    writeFileSync(tokenFile(), "shortsecret\n");
    chmodSync(tokenFile(), 0o600);
    const run = server("--token-file", tokenFile());
    await assertRefused(run, UNUSABLE, tokenFile(), "16");
    assert.doesNotMatch((await run).stderr, /secret/);
  });

  it("is refused when it is a folder, or the token of the state folder was spoilt", async () => {
    mkdirSync(tokenFile(), { mode: 0o700 });
    await assertRefused(server("--token-file", tokenFile()), UNUSABLE, tokenFile());
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(join(stateDir, "token"), "", { mode: 0o600 });
    await assertRefused(server(), UNUSABLE, join(stateDir, "token"));
  });

  it("lets in who has it, and nobody with the token of the state folder", async () => {
    writeFileSync(tokenFile(), "  0123456789abcdef-brought\n", { mode: 0o600 });
    await using running = await startServer({ tcp: true, args: ["--token-file", tokenFile()] });
    assert.equal((await running.askTcp({ path: "/sessions" }, "0123456789abcdef-brought")).status, 200);
    assert.equal((await running.askTcp({ path: "/sessions" }, "0123456789abcdef")).status, 403);
    const { host, port } = await running.tcp();
    const url = ["--url", `http://${host}:${port}`];
    assert.equal((await fleetty(...url, "--token-file", tokenFile(), "ls")).code, 0);
    await assertRefused(fleetty(...url, "--token-file", `${tokenFile()}x`, "ls"), UNUSABLE, `${tokenFile()}x`);
  });
});

describe("a state folder that is broken", () => {
  it("is refused by the name of what is broken, and the server goes", async () => {
    const first = await startServer({ home });
    await first.stop();
    const store = join(stateDir, "worker.db");
    renameSync(store, `${store}.kept`);
    writeFileSync(store, "this is no database, and never was one; but it is long enough to be read as one".repeat(20));
    await assertRefused(server(), 8, "worker.db");
    renameSync(`${store}.kept`, store);
    await first.start();
    await first[Symbol.asyncDispose]();
  });
});
