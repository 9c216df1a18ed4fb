// The link in one import: frames, both ends, and what they are sent over.
export * from "./binary-frames.ts";
export { FEATURES } from "./features.ts";
export * from "./hub-end.ts";
export * from "./link-worker.ts";
export * from "./liveness.ts";
export * from "./member-handshake.ts";
export * from "./open-channel.ts";
export * from "./port-serving.ts";
export { jsonBody, jsonBytes, jsonText, PreparedJson, plainAnswer } from "./prepared-json.ts";
export * from "./screen-cache.ts";
export * from "./self-telling.ts";
export * from "./stream-frames.ts";
export * from "./text-frames.ts";
export * from "./version.ts";
export { type Carrier, Wire } from "./wire.ts";
export * from "./worker-end.ts";
