// Holds what is said of forged output against the truth.
import { corpus } from "./corpus.ts";
import { forged } from "./situations/forged.ts";

corpus("forged output", forged);
