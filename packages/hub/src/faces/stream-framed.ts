// The framed form of a raw stream, fleetty.stream.v1: the frames of a link on the one channel 0, so that a viewer knows
// offsets, gaps, sizes and what of its input has been written.
import {
  decodeBinary,
  encodeBinary,
  encodeSnapshot,
  fromViewer,
  MalformedFrame,
  readFrame,
} from "@fleetty/protocol/link";
import type { Viewer, ViewerSink } from "../calls.ts";
import { CHANNEL, type SharedFrames } from "./shared-frames.ts";
import { DETACHED, type StreamOut } from "./stream-plain.ts";
import type { StreamForm } from "./ws-raw.ts";

export class FramedStream implements StreamForm {
  readonly sink: ViewerSink;

  constructor(out: StreamOut, frames: SharedFrames) {
    const text = (frame: object) => out.send(JSON.stringify(frame));
    const snapshot = (offset: number, payload: Uint8Array) =>
      out.send(encodeBinary({ type: "snapshot", flags: 0, channel: CHANNEL, offset, payload }));
    this.sink = {
      output: (offset, bytes) => out.send(frames.output(offset, bytes)),
      snapshot: (offset, picture) => snapshot(offset, encodeSnapshot(picture)),
      gap: (from, to, reason) => text({ type: "gap", ch: CHANNEL, from, to, reason }),
      size: (rows, cols) => text({ type: "size", ch: CHANNEL, rows, cols }),
      elements: () => text({ type: "elements" }),
      exit: (exit, offset) => text({ type: "exit", ch: CHANNEL, exit, offset }),
      written: (upto, generation, offset) => text({ type: "in_ack", ch: CHANNEL, upto, generation, offset }),
      error: (input, error) =>
        text({ type: "error", ch: CHANNEL, ...(input !== undefined && { input }), error: error.toWire() }),
      detached: () => out.close(DETACHED.code, DETACHED.reason),
      ended: (reason) => out.close(reason === "session ended" ? 1000 : 1011, reason),
      bufferedBytes: () => out.bufferedBytes(),
    };
  }

  receive(viewer: Viewer, data: Buffer, isBinary: boolean): void {
    if (!isBinary) return control(viewer, data.toString("utf8"));
    const frame = decodeBinary(data);
    if (frame?.type !== "input") return;
    if (frame.offset < 1) throw new MalformedFrame("inputs are numbered from 1");
    viewer.input(frame.payload, frame.offset);
  }
}

function control(viewer: Viewer, text: string): void {
  const frame = readFrame(fromViewer, text);
  if (frame?.type === "credit") viewer.credit(frame.upto);
  else if (frame?.type === "lease") viewer.useLease(frame.lease ?? undefined);
  else if (frame?.type === "size") viewer.resize({ rows: frame.rows, cols: frame.cols });
}
