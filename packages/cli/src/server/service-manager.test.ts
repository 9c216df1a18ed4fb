// Listens as a service manager does, by a datagram socket of Python's, since Node has none of that kind.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { it } from "node:test";
import { installed } from "../../../../tests/harness/programs.ts";
import { tellReady } from "./service-manager.ts";

/** Says that it listens, then what it heard. */
const LISTEN = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
listener.bind("\\0" + name[1:] if name[0] == "@" else name)
sys.stdout.write("listens\\n")
sys.stdout.flush()
print(listener.recv(100).decode(), end="", flush=True)
`;

const python = installed("python3");

for (const [sentence, nameIn] of [
  ["a path", (folder: string) => `${folder}/notify`],
  ["an abstract name", (folder: string) => `@${folder}/notify`],
] as const) {
  it(`a service manager hears on ${sentence} that the server is ready`, { skip: python.skip }, async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const name = nameIn(folder.path);
    const listener = spawn(python.path, ["-c", LISTEN, name], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [said] = await once(listener.stdout, "data");
      assert.equal(`${said}`, "listens\n");
      tellReady(name);
      const [heard] = await once(listener.stdout, "data");
      assert.equal(`${heard}`, "READY=1");
    } finally {
      listener.kill("SIGKILL");
    }
  });
}

it("whoever does not listen, or cannot, is said to the server", () => {
  assert.throws(() => tellReady("/tmp/ft-nobody/notify"), /nobody listens on \/tmp\/ft-nobody\/notify/);
  for (const path of ["relative", "@", `/${"x".repeat(107)}`])
    assert.throws(() => tellReady(path), /is no unix socket/);
});
