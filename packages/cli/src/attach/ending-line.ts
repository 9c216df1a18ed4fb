// Says in one line how an attachment ended.
import { visible } from "../print/visible.ts";
import type { Ending } from "./attach.ts";

export function endingLine(name: string, ending: Ending): string {
  return `[${visible(name)} ${said(ending)}]\n`;
}

function said(ending: Ending): string {
  switch (ending.kind) {
    case "exited":
      return exitSaid(ending.exit);
    case "dismissed":
      return ending.reason === "detached" ? "detached by fleetty detach" : `detached: ${visible(ending.reason)}`;
    default:
      return "detached";
  }
}

function exitSaid(exit: Extract<Ending, { kind: "exited" }>["exit"]): string {
  if (exit && "code" in exit) return `exited with code ${exit.code}`;
  if (exit && "signal" in exit) return `was ended by ${exit.signal}`;
  return "was lost with its session host";
}
