// Holds what is said of shells and other programs that take commands against the truth.
import { corpus } from "./corpus.ts";
import { shells } from "./situations/shells.ts";

corpus("shells and other programs that take commands", shells);
