// What an HTTP server is made with, for every process that listens. The named exports of an imported node:http load its whole
// fetch (25 ms of a start and 3 MB, measured); the module object does not.

export const { createServer } = process.getBuiltinModule("node:http");
