// Holds what is said of terminals in the terminal against the truth.
import { corpus } from "./corpus.ts";
import { nested } from "./situations/nested.ts";

corpus("terminals in the terminal", nested);
