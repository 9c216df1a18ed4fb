// Holds what is said of an input with several forms: inside of the one that was meant, or what each of them wants.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { issuesOf, tellIssue } from "./input-issues.ts";

const color = z.union([z.enum(["red", "blue"]), z.object({ r: z.int(), g: z.int() })]);
const schema = z.object({ fg: color, size: z.union([z.int(), z.object({ rows: z.int() })]).optional() });

function said(input: unknown): string[] {
  const { error } = schema.safeParse(input);
  return error ? issuesOf(error).map(tellIssue) : [];
}

describe("an input that is not usable", () => {
  it("is told inside of the form that was meant", () => {
    assert.deepEqual(said({ fg: { r: 1 } }), ["fg.g: Invalid input: expected number, received undefined"]);
  });

  it("is told what each form wants where none was meant", () => {
    const [issue = "", ...others] = said({ fg: "purple" });
    assert.match(issue, /^fg: .*"red"\|"blue", or .*object/);
    assert.deepEqual(others, []);
    assert.match(said({ fg: "red", size: "x" }).join(), /^size: .*number.*, or .*object/);
  });
});
