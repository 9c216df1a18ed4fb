// Moved: the ring serves both ends of a link.
export * from "@fleetty/protocol/stream/ring";
