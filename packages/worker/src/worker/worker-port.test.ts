// Every implementation of the WorkerPort against the one suite. Here: the worker of this machine, with a real session host
// over its unix socket, and the same beyond a link.
import { linkedPort } from "./linked-port.ts";
import { TestWorker } from "./worker-harness.ts";
import { workerPortSuite } from "./worker-port-suite.ts";

workerPortSuite("the local worker with a session host", async () => {
  const test = await TestWorker.open();
  return { port: test.worker, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
});

workerPortSuite("that worker over a link", async () => {
  const test = await TestWorker.open();
  return { port: linkedPort(test.worker), [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
});
