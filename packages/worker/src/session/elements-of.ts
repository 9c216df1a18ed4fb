// Makes the elements of a session: which rows there are, who has others by them, and who is told of what changes.
import { Elements } from "../elements/elements.ts";
import type { Session } from "./session.ts";

export function elementsOf(session: Session): Elements {
  return new Elements({
    outerRows: () => session.size.outer.rows,
    changed: () => session.size.fit(),
    told: (news) => {
      session.notices.add(news);
      if (news.kind === "mode") session.tell({ type: "session.input_mode", mode: news.mode });
    },
  });
}
