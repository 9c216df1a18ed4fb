// Makes messages to JSON WebSockets that nobody would send, from the operation table's methods, so that a new one is asked for
// by itself. By hand is kept only where a method takes other params than its operation. The same for a seed and a number, but
// for what answers have told meanwhile.
import { type AnyOperation, askedOperations } from "@fleetty/protocol/operations";
import * as z from "zod";
import { Dice } from "./dice.ts";
import type { Learned } from "./learned.ts";
import { NAMES, RandomMembers, steadyFor, type Takes } from "./random-members.ts";
import { jsonObject, type Schema, Verbatim } from "./schema-values.ts";

export interface RandomMessage {
  /** The operation behind the method; null where there is none. */
  readonly row: AnyOperation | null;
  /** Null for what is no request. */
  readonly method: string | null;
  readonly id: unknown;
  readonly text: string;
  /** Name of the session whose own socket it goes over; null: that of the fleet. */
  readonly over: string | null;
}

interface Method extends Takes {
  readonly name: string;
  readonly row: AnyOperation | null;
}

const text = { type: "string" };
const texts = { type: "array", items: text };
const name = { type: "string", maxLength: 64 };
const EVENTS = ["lines", "chars", "cursor", "mode", "diffs", "input", "overlay", "activity", "output", "attention"];
const events = { type: "array", items: { type: "string", enum: [...EVENTS, "commands"] }, maxItems: 11 };

/** Params of methods that are not their operation's input; what of it they take besides is left to others. */
const OWN_PARAMS: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  send_input: { data: text, encoding: { type: "string", enum: ["utf8", "base64"] } },
  kill_session: { name },
  detach_session: { name },
  rename_session: { name, new_name: name },
  update_tags: { session: name, add: texts, remove: texts },
  subscribe: {
    events,
    interval_ms: { type: "integer", minimum: 0, maximum: 10_000 },
    format: { type: "string", enum: ["styled", "plain"] },
    idle_timeout_ms: { type: "integer", minimum: 0, maximum: 300_000 },
  },
  subscribe_events: { types: text, tag: text },
  unsubscribe_events: {},
  cancel: { id: { type: "integer" } },
};

/** A request is one of these in a thousand cases, and no request. */
const NO_REQUESTS = ["", "{", "[]", "null", '"x"', "{}", '{"id":1}', '{"method":1}', "[".repeat(5_000), "\0"];

export class RandomMessages {
  readonly #seed: number;
  readonly #learned: Learned;
  readonly #methods: readonly Method[];

  private constructor(seed: number, learned: Learned, methods: readonly Method[]) {
    this.#seed = seed;
    this.#learned = learned;
    this.#methods = methods;
  }

  static async of(options: { readonly seed: number; readonly learned: Learned }): Promise<RandomMessages> {
    const rows: AnyOperation[] = Object.values(askedOperations);
    const ofRows = (await Promise.all(rows.map(methodsOf))).flat();
    const others = ["subscribe", "subscribe_events", "unsubscribe_events", "cancel"];
    const own = others.filter((one) => !ofRows.some((method) => method.name === one));
    return new RandomMessages(options.seed, options.learned, [...ofRows, ...own.map((one) => taking(one, null))]);
  }

  /** Names of all methods that are asked. */
  get methods(): readonly string[] {
    return this.#methods.map((method) => method.name);
  }

  /** The message of that number, which has the id `number` or something around it. */
  make(number: number): RandomMessage {
    const dice = new Dice(this.#seed * 900_001 + number);
    const methods = new Dice(this.#seed * 6_271 + Math.floor(number / this.#methods.length)).shuffled(this.#methods);
    const method = methods[number % methods.length] as Method;
    const over = dice.chance(0.25) ? (steadyFor(method.row) ?? dice.of(NAMES)) : null;
    if (dice.chance(0.02)) return { row: null, method: null, id: null, text: dice.of(NO_REQUESTS), over };
    const id = dice.of([number, `asked ${number}`, { asked: [number] }]);
    return { row: method.row, method: method.name, id, text: this.#request(dice, method, { id, over }), over };
  }

  #request(dice: Dice, method: Method, { id, over }: Pick<RandomMessage, "id" | "over">): string {
    const members = new RandomMembers({ dice, learned: this.#learned, row: method.row, leaves: false });
    const steady = steadyFor(method.row);
    const ids = dice.chance(0.2) ? this.#learned.of("ses_") : [];
    const session = steady !== undefined && dice.chance(0.5) ? steady : dice.of(ids.length > 0 ? ids : NAMES);
    const isAbout = over === null ? dice.chance(0.95) : dice.chance(0.05);
    return jsonObject([
      ["id", id],
      ["method", method.name],
      ...(isAbout ? [["session", dice.chance(0.98) ? session : 7] as const] : []),
      ...(dice.chance(0.05) ? [["server", dice.of(["local", "elsewhere", 1])] as const] : []),
      ...(dice.chance(0.02) ? [["more", { of: "it" }] as const] : []),
      this.#params(dice, jsonObject(members.some(method))),
    ]);
  }

  #params(dice: Dice, right: string): readonly [string, unknown] {
    return ["params", dice.chance(0.98) ? new Verbatim(right) : dice.of([null, [], "x", 1])];
  }
}

async function methodsOf(row: AnyOperation): Promise<Method[]> {
  if (!row.socket) return [];
  const { input } = await row.schemas();
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" }) as Schema;
  return row.socket.map((method) => {
    const isOther = method in OWN_PARAMS;
    return isOther ? taking(method, row) : { name: method, row, ...taken(properties, required) };
  });
}

function taking(method: string, row: AnyOperation | null): Method {
  const properties = OWN_PARAMS[method] ?? {};
  return { name: method, row, members: new Map(Object.entries(properties)), required: Object.keys(properties) };
}

/** The session stands beside the params. */
function taken(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Takes {
  const isBeside = (member: string) => member === "session" || member === "server";
  return {
    members: new Map(Object.entries(properties).filter(([member]) => !isBeside(member))),
    required: required.filter((member) => !isBeside(member)),
  };
}
