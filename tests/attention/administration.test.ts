// Holds what is said of machines being looked after against the truth.
import { corpus } from "./corpus.ts";
import { administration } from "./situations/administration.ts";

corpus("machines being looked after", administration);
