// `servers show`: one server, a member a line, and what happened to its link lately as a table.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { age } from "../print/ages.ts";
import { show } from "../print/show.ts";
import { table } from "../print/table.ts";
import { labelText } from "./servers.ts";

type Details = OperationOutput<"servers.get">;

export const comfort: Comfort = {
  notes: ["Below stands what happened to its link lately, the newest last; this server itself has none."],
  show: (answer) => {
    const { link_log: log, ...server } = answer as Details;
    const since = `${server.since} (${age(Date.now() - Date.parse(server.since))})`;
    const details = show({ ...server, labels: labelText(server.labels), since });
    return log.length === 0 ? details : `${details}\n${linkLog(log)}`;
  },
};

function linkLog(log: Details["link_log"]): string {
  return table(
    ["LINK LOG", "EVENT", "DETAIL"],
    log.map(({ at, event, detail }) => [at, event, detail ?? "-"]),
  );
}
