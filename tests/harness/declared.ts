// Holds each refusal that a row of the table declares to a request that provokes it. The types want a cell for each row
// that declares a code, so that neither a new row nor a newly declared code compiles before it is provoked; that each code
// has its cells somewhere is held by the tidy test, which looks for these functions by name.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { type OperationName, type Operations, operations } from "@fleetty/protocol/operations";
import { asking } from "./asking.ts";
import { type Answer, type Ask, ask, type Where } from "./http.ts";
import { assertRefused, type Refused } from "./refused.ts";

type DeclaredBy<Name extends OperationName> = Operations[Name]["errors"][number];

/** Every code that some row declares. */
export type DeclaredCode = DeclaredBy<OperationName>;

/** The rows that declare it. */
export type Declaring<Code extends DeclaredCode> = {
  [Name in OperationName]: Code extends DeclaredBy<Name> ? Name : never;
}[OperationName];

/** Where a refusal is provoked that no request to a server of this story can provoke. */
export interface Elsewhere {
  /** A test file that names the code. */
  readonly in: string;
  readonly because: string;
}

/** What provokes a refusal: one request, the last of several, or what is held elsewhere. */
export type Provocation = Ask | ((where: Where) => Promise<Answer>) | Elsewhere;

/** A cell for each row that declares the code. */
export type Cells<Code extends DeclaredCode> = Readonly<Record<Declaring<Code>, Provocation>>;

/** The rows that declare `code`, in the order of the table. */
export function declaring<Code extends DeclaredCode>(code: Code): Declaring<Code>[] {
  const rows = Object.values(operations).filter(({ errors }) => (errors as readonly string[]).includes(code));
  return rows.map(({ name }) => name as Declaring<Code>);
}

/** Each row that declares `code`, asked plainly, and as `change` makes it. */
export function plainly<Code extends DeclaredCode>(
  code: Code,
  session: string,
  change: (asked: Ask) => Ask = (asked) => asked,
): Cells<Code> {
  return Object.fromEntries(declaring(code).map((name) => [name, change(asking[name](session))])) as Cells<Code>;
}

/** Each row that declares `code`, provoked elsewhere. */
export function elsewhere<Code extends DeclaredCode>(code: Code, held: Elsewhere): Cells<Code> {
  return Object.fromEntries(declaring(code).map((name) => [name, held])) as unknown as Cells<Code>;
}

/** Passes when every cell refuses with `code`; all are asked at once. Resolves with what each said. */
export async function assertEach<Code extends DeclaredCode>(
  code: Code,
  where: Where,
  cells: NoInfer<Cells<Code>>,
): Promise<Refused[]> {
  const asked = Object.entries<Provocation>(cells).map(async ([name, cell]) => {
    if ("in" in cell) return assertElsewhere(cell, code);
    const answer = await (typeof cell === "function" ? cell(where) : ask(where, cell));
    try {
      return assertRefused(answer, code);
    } catch (thrown) {
      throw new Error(`${name} is to be refused with ${code}: ${(thrown as Error).message}`, { cause: thrown });
    }
  });
  return (await Promise.all(asked)).filter((refused) => refused !== null);
}

function assertElsewhere({ in: file }: Elsewhere, code: string): null {
  assert.ok(existsSync(file) && readFileSync(file, "utf8").includes(`"${code}"`), `${file} does not show ${code}`);
  return null;
}

/** One test for each way in: every row that declares `code` refuses with it, and nothing has changed by that. */
export function refusesWith(faces: Readonly<Record<string, Where>>, isUntouched: () => Promise<void>) {
  return function each<Code extends DeclaredCode>(code: Code, sentence: string, cells: () => Cells<Code>): void {
    for (const face of ["the unix socket", "TCP"]) {
      it(`${sentence} refuses with ${code}, over ${face}`, async () => {
        await assertEach(code, faces[face] as Where, cells());
        await isUntouched();
      });
    }
  };
}
