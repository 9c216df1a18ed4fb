// Holds what is said of far programs against the truth.
import { corpus } from "./corpus.ts";
import { remote } from "./situations/remote.ts";

corpus("far programs", remote);
