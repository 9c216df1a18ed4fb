// Says what a tool is to the MCP face, whatever rows of the operation table it is made of, and what a form is: the small piece
// that puts rows together where a tool is not one row as it stands. Knows no tool.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { JsonSchema } from "@fleetty/protocol/openapi";
import type { OperationInput, OperationName, OperationOutput } from "@fleetty/protocol/operations";
import type * as z from "zod";

export type Members = Readonly<Record<string, unknown>>;

/** As which API the tools are known: `wsh_` is the older public one, with its names, defaults and way of refusing. */
export type Style = "own" | "compat";

/** What a running tool has: the hub, as its caller sees it. */
export interface Asked {
  /** Calls an operation as the caller of the tool. Throws FleettyError. */
  call<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>>;
  /** Of the server that the last call was about; null while none was. */
  readonly server: () => string | null;
  /** Servers whose part of a list may be missing. */
  readonly partial: () => readonly string[];
}

/** A refusal, and what its caller would have to ask for next. */
export class ShownRefusal extends Error {
  readonly refusal: FleettyError;
  readonly beside: Members;

  constructor(refusal: FleettyError, beside: Members) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
    this.beside = beside;
  }
}

/** A tool that puts rows together: its own input and answer, and what it does. */
export interface Form<Input extends z.ZodType = z.ZodType> {
  readonly says: string;
  readonly input: Input;
  /** Of the answer; an array stands below `items` in structured content. */
  readonly output: z.ZodType;
  readonly answer: (input: z.output<Input>, asked: Asked) => Promise<unknown>;
}

/** Types its members; forms are listed by the names of their tools. */
export function form<Input extends z.ZodType>(parts: Form<Input>): Form {
  return parts as unknown as Form;
}

export interface Tool {
  /** Without prefix. */
  readonly name: string;
  readonly isCore: boolean;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  /** Whether it answers a list, which structured content has below `items`. */
  readonly isList: boolean;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: false;
  };
  /** The operation that it is counted as. */
  readonly operation: OperationName;
  /** Whether it may be cut at the longest time of one call and taken up again. */
  readonly isResumable: boolean;
  /** Reads what a client gives. Throws ProtocolError. */
  readonly read: (given: Members) => unknown;
  /** Does it. Throws FleettyError. */
  readonly run: (input: unknown, asked: Asked) => Promise<unknown>;
}
