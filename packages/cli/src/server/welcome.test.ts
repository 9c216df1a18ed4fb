import assert from "node:assert/strict";
import { it } from "node:test";
import { welcome } from "./welcome.ts";

const facts = {
  version: "1.0.0",
  instance: "default",
  socket: "/run/user/1000/fleetty/default.http.sock",
  isSocketChosen: false,
  urls: [],
  tokenFrom: "/state/token",
  plaintextBinds: [],
  adopted: 0,
};

it("whoever starts a server is told commands that lead to that server", () => {
  assert.match(welcome(facts), /^ {2}npx fleetty new build /m);
  assert.match(welcome({ ...facts, instance: "dev" }), /^ {2}npx fleetty -L dev screen build /m);
  const chosen = { ...facts, socket: "/home/me/s", isSocketChosen: true };
  assert.match(welcome(chosen), /^ {2}npx fleetty --socket \/home\/me\/s attach build /m);
  assert.match(welcome({ ...chosen, instance: "dev" }), /^ {2}npx fleetty -L dev --socket \/home\/me\/s send build /m);
});

it("whoever starts a server is told how many sessions lived on", () => {
  assert.match(welcome({ ...facts, adopted: 1 }), /is ready, with 1 session that lived on\./);
  assert.doesNotMatch(welcome(facts), /lived on/);
});
