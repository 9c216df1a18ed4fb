// Holds situations of programs whose preset says what their lines mean, as those of configured-presets.ts do.
import { is, type Situation, shows, stays, type } from "../situation.ts";

export const presets: readonly Situation[] = [
  {
    name: "an agent of node that thinks, asks, and waits for the next task",
    preset: "agent",
    argv: ["node"],
    steps: [
      shows("thinking"),
      stays("working"),
      type("a"),
      shows("^Allow"),
      stays("needs_input"),
      type("r"),
      shows("for shortcuts"),
      stays("ready"),
      type("t"),
      shows("thinking"),
      stays("working"),
    ],
  },
  {
    name: "an agent of node that waits, and is asked for nothing it knows",
    preset: "agent",
    argv: ["node"],
    steps: [shows("thinking"), type("r"), shows("for shortcuts"), is("ready"), type("x"), stays("ready")],
  },
];
