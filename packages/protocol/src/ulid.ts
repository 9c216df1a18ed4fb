// Makes ULIDs: 48 bits of time, 80 random bits, in Crockford's base32, so that ids sort by the moment they were made
// (github.com/ulid/spec). Within one process and millisecond they still grow.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

let lastTimeMs = 0;
let lastRandom: number[] = [];

/** 26 characters; greater than every one made before by this process. */
export function ulid(nowMs = Date.now()): string {
  const isLater = nowMs > lastTimeMs;
  lastTimeMs = Math.max(nowMs, lastTimeMs);
  lastRandom = isLater ? random() : increment(lastRandom);
  return encodeTime(lastTimeMs) + lastRandom.map((digit) => ALPHABET[digit]).join("");
}

function encodeTime(timeMs: number): string {
  let text = "";
  for (let rest = timeMs, index = 0; index < TIME_CHARACTERS; index += 1, rest = Math.floor(rest / 32)) {
    text = ALPHABET[rest % 32] + text;
  }
  return text;
}

/** The first digit stays below the top, so that incrementing within a millisecond cannot overflow. */
function random(): number[] {
  const digits = Array.from(globalThis.crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS)), (byte) => byte % 32);
  return digits.with(0, (digits[0] as number) % 31);
}

function increment(digits: readonly number[]): number[] {
  const next = [...digits];
  for (let index = next.length - 1; index >= 0; index -= 1) {
    next[index] = ((next[index] as number) + 1) % 32;
    if (next[index] !== 0) return next;
  }
  return next;
}
