// Holds what is said of programs that ask against the truth.
import { corpus } from "./corpus.ts";
import { asking } from "./situations/asking.ts";

corpus("programs that ask", asking);
