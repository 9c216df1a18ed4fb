// Which prompts a secret is typed at: by how sure it is that one is asked for, and by the line that asks.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { type Reluctance, reluctance, type SecretPrompt, secretPrompt } from "./secret-prompt.ts";
import { startSession } from "./session-harness.ts";

const strong: SecretPrompt = { confidence: "strong", line: "[sudo] password for ada:" };
const unsure: SecretPrompt = { confidence: "heuristic", line: "$ read -s" };

describe("a secret", () => {
  const cases: [string, SecretPrompt | null, string | undefined, Reluctance | null][] = [
    ["is not typed where none is asked for", null, undefined, "echo"],
    ["is not typed where none is asked for, whatever it is for", null, "password", "echo"],
    ["is typed where one certainly is", strong, undefined, null],
    ["is not typed where one may be, without a pattern that could tell", unsure, undefined, "unsure"],
    ["is typed where one may be and its pattern matches", unsure, "read -s$", null],
    ["is typed at the prompt that it is for", strong, "^\\[sudo\\] password", null],
    ["is not typed at another prompt, however sure that is", strong, "^Passphrase", "prompt"],
    ["is not typed where one may be and its pattern does not match", unsure, "^Password", "prompt"],
  ];
  for (const [sentence, prompt, pattern, why] of cases) {
    it(sentence, () => assert.equal(reluctance(prompt, pattern), why));
  }
});

describe("a terminal", () => {
  /** What it is seen to ask once it has printed all, which its title then says. */
  async function seen(stty: string, text: string, then = "cat"): Promise<SecretPrompt | null> {
    const script = `stty ${stty}; printf '${text}\\033]0;printed\\007'; exec ${then}`;
    await using running = await startSession(["/bin/sh", "-c", script]);
    const { session } = running;
    await waitUntil("it has printed", () => session.caughtUp().title === "printed");
    const does = then === "cat" ? "terminal" : "sleep";
    await waitUntil(
      `it does what it is for: ${does}`,
      () => session.attention.look().foreground?.processes.some(({ waitingOn }) => waitingOn === does) ?? false,
    );
    return secretPrompt(session);
  }

  it("reads a secret in line mode without echo, and nowhere else", async () => {
    assert.deepEqual(await seen("sane", "Password: "), null);
    assert.deepEqual(await seen("raw -echo", "name: "), null);
    assert.deepEqual(await seen("-echo", "Password: ", "sleep 1000"), null);
    assert.equal((await seen("raw -echo", "Password: "))?.confidence, "heuristic");
    assert.equal((await seen("-echo", "Password: "))?.confidence, "strong");
  });

  it("asks with the line of the cursor, in several rows too, or the last one that is not blank", async () => {
    const long = `Passphrase for ${"k".repeat(90)}:`;
    assert.equal((await seen("-echo", `before\\n${long} `))?.line, long);
    assert.equal((await seen("-echo", "before\\nEnter it:\\n\\n"))?.line, "Enter it:");
  });
});
