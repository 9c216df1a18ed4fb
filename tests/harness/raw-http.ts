// Says bytes to a server that no client library would say, and reads what comes back as an HTTP answer.
import { connect } from "node:net";
import type { Answer, Where } from "./http.ts";

/** A server that neither answers nor closes is a defect: the test says so after this time. */
const ANSWER_WITHIN_MS = 20_000;

/**
 * Resolves with the one answer to `said`, as soon as it is there in full; with null when the connection ended without any.
 * What the server does not take any more is no error here: it may have refused meanwhile.
 */
export function say(
  where: Where,
  said: string | readonly (string | Uint8Array)[],
  withinMs: number = ANSWER_WITHIN_MS,
): Promise<Answer | null> {
  const socket = "socketPath" in where ? connect(where.socketPath) : connect(where.port, where.host);
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const settle = (answer: Answer | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer; so far: ${Buffer.concat(pieces).toString("latin1")}`));
    }, withinMs);
    socket.on("data", (piece: Buffer) => {
      pieces.push(piece);
      const answer = readAnswer(Buffer.concat(pieces));
      if (answer) settle(answer);
    });
    socket.on("error", () => {});
    socket.on("close", () => settle(null));
    for (const piece of typeof said === "string" ? [said] : said) socket.write(piece);
  });
}

/** An answer with a known length, or null while some of it is missing; what is said before the answer (1xx) is passed over. */
export function readAnswer(bytes: Buffer, isHead = false): Answer | null {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
  const status = Number(statusLine.split(" ")[1]);
  const body = bytes.subarray(headEnd + 4);
  if (status < 200 && status !== 101) return readAnswer(body, isHead);
  const headers = Object.fromEntries(lines.map(header));
  const length = isHead ? 0 : Number(headers["content-length"] ?? 0);
  if (body.byteLength < length) return null;
  const whole = body.subarray(0, length);
  return { status, headers, body: whole, json: parsed(whole) };
}

function header(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
