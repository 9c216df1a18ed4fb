// What a program needs that speaks another protocol through a fleetty server: requests as they are, and honest words about
// those that failed. Everybody else wants `connect`.
export { openTransport } from "#transport";
export { SseParser } from "./events/sse-parser.ts";
export { errorFromAnswer, errorFromFailure } from "./refusals.ts";
export { pause } from "./stream/pause.ts";
export { type StreamedAnswer, type Transport, TransportFailure } from "./transport.ts";
