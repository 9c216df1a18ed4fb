// Holds what is said of programs that work against the truth.
import { corpus } from "./corpus.ts";
import { working } from "./situations/working.ts";

corpus("programs that work", working);
