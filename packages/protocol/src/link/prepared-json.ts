// Holds an answer that has been written as JSON already, so that faces and links pass it on without building it again.
import { PART_BYTES } from "./parts.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The UTF-8 bytes of one JSON value. `JSON.stringify` of the holder gives that value, so it can stand wherever it could. */
export class PreparedJson {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static of(value: unknown): PreparedJson {
    return new PreparedJson(encoder.encode(JSON.stringify(value)));
  }

  get text(): string {
    return decoder.decode(this.bytes);
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** The value itself, whether it came read or as JSON. */
export function plainAnswer<T>(answer: T | PreparedJson): T {
  return answer instanceof PreparedJson ? (answer.toJSON() as T) : answer;
}

/** The answer that `value` is on a link: `{"type":"res","id":1,"ok":true,"p":…}`; as bytes where it is long and prepared. */
export function answerJson(id: number, value: unknown): string | Uint8Array {
  const head = `{"type":"res","id":${id},"ok":true,"p":`;
  if (!(value instanceof PreparedJson) || value.bytes.byteLength <= PART_BYTES) return `${head}${jsonText(value)}}`;
  const whole = new Uint8Array(head.length + value.bytes.byteLength + 1);
  encoder.encodeInto(head, whole);
  whole.set(value.bytes, head.length);
  whole[whole.byteLength - 1] = CLOSING_BRACE;
  return whole;
}

const CLOSING_BRACE = 0x7d;
/** The head of an answer is shorter: an id has 16 digits at most. */
const HEAD_MAX_BYTES = 64;

/** Reads an answer that `answerJson` wrote without looking at what it says; null for whatever else a frame may be. */
export function preparedAnswer(whole: Uint8Array): { readonly id: number; readonly value: PreparedJson } | null {
  const found = /^\{"type":"res","id":(\d{1,16}),"ok":true,"p":/.exec(
    decoder.decode(whole.subarray(0, HEAD_MAX_BYTES)),
  );
  if (!found || whole.at(-1) !== CLOSING_BRACE) return null;
  return { id: Number(found[1]), value: new PreparedJson(whole.subarray(found[0].length, -1)) };
}

/** `value` as JSON text, without a second pass over what is prepared. */
export function jsonText(value: unknown): string {
  return value instanceof PreparedJson ? value.text : JSON.stringify(value ?? null);
}

/** Above this a socket takes bytes several times faster than text; below it text goes out in one piece with what is before it. */
const TEXT_MAX_CHARACTERS = 2_048;

/** `value` as JSON in the form that a socket takes fastest. */
export function jsonBody(value: unknown): string | Uint8Array {
  if (value instanceof PreparedJson) return value.bytes;
  const text = JSON.stringify(value ?? null);
  return text.length <= TEXT_MAX_CHARACTERS ? text : encoder.encode(text);
}

/** `value` as the bytes of JSON. A socket takes bytes several times faster than text that it has to encode. */
export function jsonBytes(value: unknown): Uint8Array {
  return value instanceof PreparedJson ? value.bytes : encoder.encode(JSON.stringify(value ?? null));
}
