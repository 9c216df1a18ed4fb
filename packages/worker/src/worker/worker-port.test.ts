// Every implementation of the WorkerPort against the one suite. Here: the worker of this machine, with a real session host
// over its unix socket.
import { TestWorker } from "./worker-harness.ts";
import { workerPortSuite } from "./worker-port-suite.ts";

workerPortSuite("the local worker with a session host", async () => {
  const test = await TestWorker.open();
  return { port: test.worker, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
});
