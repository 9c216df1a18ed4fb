// Holds what is said of programs of other users against the truth, by a server of root's and by one of an ordinary user's.
import { after } from "node:test";
import { corpus } from "./corpus.ts";
import { missingForOrdinaryServer, startOrdinaryServer } from "./ordinary-server.ts";
import { missingForUser, ScratchUser } from "./scratch-user.ts";
import { onOrdinaryServer, onRootsServer } from "./situations/other-users.ts";

const skip = missingForUser();
const user = skip === false ? new ScratchUser() : null;
after(() => user?.[Symbol.dispose]());

corpus("other users on root's server", onRootsServer, { skip });
corpus("other users on an ordinary server", onOrdinaryServer, {
  open: startOrdinaryServer,
  skip: skip || missingForOrdinaryServer(),
});
