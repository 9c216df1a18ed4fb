// Turns a request for keys and texts into the bytes that it sends. Knows no session.
import type { OperationInput } from "@fleetty/protocol/operations";
import { encodeKey, type KeyModes } from "./encode-key.ts";
import { type Key, readKey } from "./key.ts";

export type KeysRequest = Pick<OperationInput<"sessions.keys">, "keys" | "repeat">;

/** Keys and texts in order, read but not encoded: that depends on the moment. */
export interface Strokes {
  readonly strokes: readonly (Key | { readonly text: string })[];
  readonly repeat: number;
}

/** Throws `invalid_key`. */
export function readStrokes({ keys, repeat = 1 }: KeysRequest): Strokes {
  const strokes = keys.map((one) => {
    if (typeof one === "string") return readKey(one);
    return "key" in one ? readKey(one.key) : one;
  });
  return { strokes, repeat };
}

export function encodeStrokes({ strokes, repeat }: Strokes, modes: KeyModes): Uint8Array {
  const once = strokes.map((stroke) => ("text" in stroke ? stroke.text : encodeKey(stroke, modes))).join("");
  return Buffer.from(once.repeat(repeat));
}
