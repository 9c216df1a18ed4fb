// Lists the forms: tools that put rows together or show a row otherwise, by name.
import type { Form, Style } from "../tool.ts";
import { elementForms } from "./elements.ts";
import { fleetForms } from "./fleet.ts";
import { idleForms } from "./idle.ts";
import { leaseForms } from "./lease.ts";
import { modeForms } from "./modes.ts";
import { readingForms } from "./reading.ts";
import { serverForms } from "./servers.ts";
import { sessionForms } from "./sessions.ts";
import { typingForms } from "./typing.ts";

/** By the names of their tools. */
export function formsOf(style: Style): Readonly<Record<string, Form | undefined>> {
  return {
    ...sessionForms(),
    ...typingForms(),
    ...readingForms(style),
    ...idleForms(style),
    ...leaseForms(),
    ...elementForms(),
    ...modeForms(),
    ...fleetForms(),
    ...serverForms(),
  };
}
