// `token` and `token rotate`: print the root token and nothing else, so that it can go into a file or a variable.
import type { Comfort } from "../comfort.ts";

export const comfort: Comfort = {
  notes: ["Answered on the server's own machine only, over its unix socket."],
  show: (answer) => `${(answer as { token: string }).token}\n`,
};
