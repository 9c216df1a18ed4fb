// The outcomes that a host has not been rid of: sent again until they are on disk, and kept where it alone knows them.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { Journal } from "./journal.ts";

function outcome(id: string, isKept = true) {
  return { session: { id } as SessionInfo, is_kept: isKept };
}

const sequence = (journal: Journal) => journal.after(0).map(({ seq }) => seq);

it("outcomes are numbered by one and kept until they are acknowledged, with all before them", () => {
  const journal = new Journal();
  for (const id of ["ses_a", "ses_b", "ses_c"]) journal.add("session.exited", outcome(id));
  assert.deepEqual(sequence(journal), [1, 2, 3]);
  assert.deepEqual(
    journal.acknowledged(2).map(({ p }) => p.session.id),
    ["ses_a", "ses_b"],
  );
  assert.deepEqual([sequence(journal), journal.range.first, journal.range.last], [[3], 3, 3]);
  assert.deepEqual(journal.acknowledged(2), []);
});

it("an outcome whose files could not be written stays, whatever is acknowledged after it", () => {
  const journal = new Journal();
  journal.add("session.exited", outcome("ses_lost", false));
  journal.add("session.exited", outcome("ses_kept"));
  assert.deepEqual(
    journal.acknowledged(2).map(({ p }) => p.session.id),
    ["ses_kept"],
  );
  assert.deepEqual(sequence(journal), [1]);
});
