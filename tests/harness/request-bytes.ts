// Says a request as bytes, by chance in one of the many ways in which HTTP/1.1 lets it be said, and seldom in one in which it
// does not. Knows no operation.
import type { Dice } from "./dice.ts";

export interface Draft {
  readonly method: string;
  /** Path and query as they are sent; each character is one byte. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
  /** Asked for as a WebSocket. */
  readonly upgrade: boolean;
  /** The caller goes without waiting for an answer, perhaps before all is said. */
  readonly leaves: boolean;
}

export interface Framed {
  readonly bytes: Buffer;
  /** Whether the connection may be of no use after it. */
  readonly isLast: boolean;
  /** It wants to be a WebSocket and nothing besides: who names two protocols is answered as if they named none. */
  readonly isUpgrade: boolean;
}

type Header = readonly [name: string, value: string];

const HOST: Header = ["host", "127.0.0.1"];
const UPGRADE: readonly Header[] = [
  ["connection", "Upgrade"],
  ["upgrade", "websocket"],
  ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ["sec-websocket-version", "13"],
];

/** Headers that some client sends, or none should. */
const ODD_HEADERS: readonly Header[] = [
  ["host", "127.0.0.1"],
  ["origin", "null"],
  ["origin", "http://elsewhere.example"],
  ["origin", "http://127.0.0.1"],
  ["x-forwarded-for", "1.2.3.4, x"],
  ["x-forwarded-proto", "https"],
  ["accept", "text/html;q=x"],
  ["accept-encoding", "gzip, br"],
  ["range", "bytes=0-1"],
  ["if-none-match", "*"],
  ["cookie", "token=x"],
  ["connection", "close"],
  ["expect", "100-continue"],
  ["expect", "a-miracle"],
  ["upgrade", "h2c"],
  ["access-control-request-method", "GET"],
  ["content-encoding", "gzip"],
  ["te", "trailers"],
  ["x-long", "x".repeat(17_000)],
  ["x-latin", "\xe9"],
  ["x space", "no header"],
];

export function framed(draft: Draft, dice: Dice): Framed {
  const odd = dice.chance(0.05) ? [dice.of(ODD_HEADERS)] : [];
  const headers = [dice.chance(0.01) ? (["host", "elsewhere.example"] as const) : HOST, ...draft.headers, ...odd];
  if (draft.upgrade) headers.push(...UPGRADE);
  const { lines, body, isBroken } = framedBody(draft.body, dice);
  const head = [
    `${draft.method} ${draft.target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...lines,
  ];
  const bytes = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), body]);
  const isOther = !/^[A-Z]+$/.test(draft.method) || draft.method === "CONNECT";
  const isCut = draft.leaves && dice.chance(0.3);
  return {
    bytes: isCut ? bytes.subarray(0, dice.below(bytes.byteLength)) : bytes,
    isLast: isBroken || isOther || draft.upgrade || odd.length > 0,
    isUpgrade: draft.upgrade && odd.every(([name]) => name !== "upgrade"),
  };
}

interface FramedBody {
  readonly lines: readonly string[];
  readonly body: Buffer;
  readonly isBroken: boolean;
}

function framedBody(body: Buffer | undefined, dice: Dice): FramedBody {
  if (body === undefined) return { lines: [], body: Buffer.alloc(0), isBroken: false };
  if (dice.chance(0.85)) return { lines: [`content-length: ${body.byteLength}`], body, isBroken: false };
  if (dice.chance(0.05)) return { lines: [`content-length: ${body.byteLength}x`], body, isBroken: true };
  if (dice.chance(0.05)) return { lines: ["transfer-encoding: chunked"], body: Buffer.from("zz\r\n"), isBroken: true };
  return { lines: ["transfer-encoding: chunked"], body: chunked(body, dice), isBroken: false };
}

function chunked(body: Buffer, dice: Dice): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.byteLength; ) {
    const piece = body.subarray(at, at + 1 + dice.below(Math.max(20, body.byteLength / 4)));
    pieces.push(Buffer.from(`${piece.byteLength.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
    at += piece.byteLength;
  }
  return Buffer.concat([...pieces, Buffer.from("0\r\n\r\n")]);
}
