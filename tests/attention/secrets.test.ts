// Holds what is said of passwords against the truth.
import { corpus } from "./corpus.ts";
import { secrets } from "./situations/secrets.ts";

corpus("passwords", secrets);
