// Holds what is said of programs with the whole screen against the truth.
import { corpus } from "./corpus.ts";
import { fullScreen } from "./situations/full-screen.ts";

corpus("programs with the whole screen", fullScreen);
