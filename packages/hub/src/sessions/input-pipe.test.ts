// What goes down a viewer's pipe: the key that has keys captured only where it would not be typed.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { hubCall } from "./hub-call.ts";
import { InputPipe } from "./input-pipe.ts";

/** What a session gets of what an attach client, or another viewer, types: before its channel is open, and after. */
async function sent({ captures, attach }: { captures: boolean; attach: boolean }): Promise<string[]> {
  const got: string[] = [];
  const opened = Promise.withResolvers<void>();
  const input: WorkerPort["input"] = async (request) => {
    assert.equal(request.attach, attach);
    setImmediate(opened.resolve);
    const send = (number: number, bytes: Uint8Array) =>
      void got.push(`${number} ${JSON.stringify(`${Buffer.from(bytes)}`)}`);
    return { next: 1, captures, send, useLease: () => {}, close: () => {} };
  };
  const port = { input } as unknown as WorkerPort;
  const told = { onWritten: () => {}, onError: () => {} };
  const pipe = new InputPipe({ session: "ses_1", client: "c", lease: undefined, attach, port, call: hubCall, ...told });
  for (const text of ["\x1c", "\x1c\x1c"]) pipe.write(Buffer.from(text));
  await opened.promise;
  for (const text of ["a", "\x1c"]) pipe.write(Buffer.from(text));
  return got;
}

it("the key that has keys captured is typed by no host, known to it or not, and every number is there", async () => {
  const whole = ['1 "\\u001c"', '2 "\\u001c\\u001c"', '3 "a"', '4 "\\u001c"'];
  assert.deepEqual(await sent({ captures: true, attach: true }), whole);
  assert.deepEqual(await sent({ captures: false, attach: false }), whole);
  assert.deepEqual(await sent({ captures: false, attach: true }), ['1 ""', whole[1], whole[2], '4 ""']);
});
