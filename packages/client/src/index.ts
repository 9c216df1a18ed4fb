// The public client of a fleetty server: `connect`, its types, and the errors that it throws.
export { type ErrorCode, FleettyError } from "@fleetty/protocol/errors";
export type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
export type { CallOptions } from "./call.ts";
export { type CallInput, type CallOutput, type Client, connect } from "./client.ts";
export type { ConnectOptions, SocketOptions, UrlOptions } from "./connect-options.ts";
export type { JsonSocket, SocketFrame, SocketTarget } from "./json-socket.ts";
export type { WrittenAt } from "./stream/input-ledger.ts";
export type { GapItem, OutputItem, Size, SnapshotItem, WatchItem } from "./stream/items.ts";
export type { Watch } from "./stream/watch.ts";
