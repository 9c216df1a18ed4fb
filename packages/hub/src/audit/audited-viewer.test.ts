// Holds the audit of what viewers do: once for ten seconds, nothing of those that only look, and everything passed on.
import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import type { Viewer } from "../calls.ts";
import { AuditedViewer } from "./audited-viewer.ts";

function watched(isReadonly = false) {
  const passed: unknown[][] = [];
  const told: unknown[][] = [];
  const pass =
    (name: string) =>
    (...words: unknown[]) =>
      void passed.push([name, ...words]);
  const inner = { id: "ses_1", credit: pass("credit"), drained: pass("drained"), input: pass("input") };
  const viewer = new AuditedViewer({ ...inner, resize: pass("resize"), close: pass("close") } as Viewer, {
    isReadonly,
    record: (...entry) => void told.push(entry),
  });
  return { viewer, passed, told };
}

describe("what a viewer types", () => {
  it("is told once for ten seconds, and again after them", () => {
    let nowMs = 0;
    const clock = mock.method(performance, "now", () => nowMs);
    try {
      const { viewer, told } = watched();
      for (const at of [0, 1, 9_999]) {
        nowMs = at;
        viewer.input(Buffer.from("x"), 1);
      }
      assert.deepEqual(told, [["sessions.input", {}]]);
      viewer.resize({ rows: 1, cols: 2 });
      nowMs = 10_000;
      viewer.input(Buffer.from("x"));
      assert.deepEqual(told.slice(1), [
        ["sessions.resize", { rows: 1, cols: 2 }],
        ["sessions.input", {}],
      ]);
    } finally {
      clock.mock.restore();
    }
  });

  it("is not told of one whose typing is ignored", () => {
    const { viewer, told } = watched(true);
    viewer.input(Buffer.from("x"));
    assert.deepEqual(told, []);
  });

  it("is passed on with all that a viewer does", () => {
    const { viewer, passed } = watched();
    const bytes = Buffer.from("x");
    viewer.input(bytes, 3);
    viewer.resize({ rows: 1, cols: 2 });
    viewer.credit(5);
    viewer.drained();
    viewer.close();
    assert.equal(viewer.id, "ses_1");
    const all = [["input", bytes, 3], ["resize", { rows: 1, cols: 2 }], ["credit", 5], ["drained"], ["close"]];
    assert.deepEqual(passed, all);
  });
});
