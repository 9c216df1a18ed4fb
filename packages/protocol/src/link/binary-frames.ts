// The binary frames of a link: 16 bytes of header, big-endian, then the payload. Knows layout only.
//
//   byte 0   1      2..3   4..7         8..15        16…
//        type flags zero   channel u32  offset u64   payload (at most 1 MiB − 16)
import { MalformedFrame } from "./text-frames.ts";

export const HEADER_BYTES = 16;
/** Largest frame on a link, header included. */
export const FRAME_MAX_BYTES = 1_048_576;

/** Numbers of the frame types; never reused. */
export const FrameType = { output: 1, input: 2, part: 6, snapshot: 8 } as const;
export type FrameTypeName = keyof typeof FrameType;

/** Flag of the last frame of a channel or message. */
export const FLAG_LAST = 1;

const nameByNumber = new Map<number, FrameTypeName>(
  Object.entries(FrameType).map(([name, number]) => [number, name as FrameTypeName]),
);

export interface BinaryFrame {
  readonly type: FrameTypeName;
  readonly flags: number;
  readonly channel: number;
  /** Below 2^53: a position in the session's output, an input's number, or a position in a message. */
  readonly offset: number;
  readonly payload: Uint8Array;
}

/** Writes the header into the first 16 bytes of `into`. */
export function writeHeader(into: Uint8Array, frame: Omit<BinaryFrame, "payload">): void {
  const view = new DataView(into.buffer, into.byteOffset, HEADER_BYTES);
  view.setUint8(0, FrameType[frame.type]);
  view.setUint8(1, frame.flags);
  view.setUint16(2, 0);
  view.setUint32(4, frame.channel);
  view.setUint32(8, Math.floor(frame.offset / 0x1_0000_0000));
  view.setUint32(12, frame.offset >>> 0);
}

export function encodeBinary(frame: BinaryFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + frame.payload.byteLength);
  writeHeader(bytes, frame);
  bytes.set(frame.payload, HEADER_BYTES);
  return bytes;
}

/** Reads a frame; the payload is a view into `bytes`. Null for an unknown type. Throws MalformedFrame. */
export function decodeBinary(bytes: Uint8Array): BinaryFrame | null {
  if (bytes.byteLength < HEADER_BYTES) throw new MalformedFrame("a binary frame shorter than its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const type = nameByNumber.get(view.getUint8(0));
  if (!type) return null;
  const offset = view.getUint32(8) * 0x1_0000_0000 + view.getUint32(12);
  if (!Number.isSafeInteger(offset)) throw new MalformedFrame("an offset above 2^53");
  return {
    type,
    flags: view.getUint8(1),
    channel: view.getUint32(4),
    offset,
    payload: bytes.subarray(HEADER_BYTES),
  };
}

/** Size, mode and repainting text of a screen, as the payload of a snapshot frame. */
export interface Snapshot {
  readonly cols: number;
  readonly rows: number;
  readonly alternate: boolean;
  readonly vt: string;
}

const SNAPSHOT_HEADER_BYTES = 5;

/** u16 cols, u16 rows, u8 flags (1 = alternate buffer), then UTF-8 text. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const text = new TextEncoder().encode(snapshot.vt);
  const bytes = new Uint8Array(SNAPSHOT_HEADER_BYTES + text.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, snapshot.cols);
  view.setUint16(2, snapshot.rows);
  view.setUint8(4, snapshot.alternate ? 1 : 0);
  bytes.set(text, SNAPSHOT_HEADER_BYTES);
  return bytes;
}

export function decodeSnapshot(payload: Uint8Array): Snapshot {
  if (payload.byteLength < SNAPSHOT_HEADER_BYTES) throw new MalformedFrame("a snapshot shorter than its header");
  const view = new DataView(payload.buffer, payload.byteOffset, SNAPSHOT_HEADER_BYTES);
  return {
    cols: view.getUint16(0),
    rows: view.getUint16(2),
    alternate: (view.getUint8(4) & 1) === 1,
    vt: new TextDecoder().decode(payload.subarray(SNAPSHOT_HEADER_BYTES)),
  };
}
