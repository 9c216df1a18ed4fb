import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endsWholeUnit, unitOf } from "./service-unit.ts";

describe("the service of a process", () => {
  const table = [
    ["a system service", "0::/system.slice/fleetty.service\n", ["fleetty.service", false]],
    [
      "a service of a user",
      "0::/user.slice/user-1000.slice/user@1000.service/app.slice/fleetty.service\n",
      ["fleetty.service", true],
    ],
    ["a user's service below a manager that is alone", "0::/app.slice/fleetty.service\n", ["fleetty.service", true]],
    ["a group below a service", "0::/system.slice/fleetty.service/payload\n", ["fleetty.service", false]],
    ["beside v1's controllers", "9:pids:/a\n1:name=systemd:/system.slice/x.service\n0::/\n", ["x.service", false]],
    ["the session of a log-in", "0::/user.slice/user-1000.slice/session-3.scope\n", null],
    ["a scope of its own", "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope\n", null],
    ["a container", "0::/\n", null],
    ["no control groups", "", null],
  ] as const;
  for (const [what, cgroups, expected] of table) {
    it(`is told for ${what}`, () => {
      const unit = unitOf(cgroups);
      assert.deepEqual(unit && [unit.name, unit.isOfUser], expected);
    });
  }

  it("has one path for all groups below it", () => {
    const [above, below] = ["", "/payload"].map((more) => unitOf(`0::/system.slice/fleetty.service${more}\n`)?.path);
    assert.deepEqual([above, below], ["/system.slice/fleetty.service", "/system.slice/fleetty.service"]);
  });
});

describe("stopping a service", () => {
  it("ends all of it but where its KillMode says otherwise", () => {
    const modes = ["control-group", "mixed", "", "process", "none"];
    assert.deepEqual(modes.map(endsWholeUnit), [true, true, true, false, false]);
  });
});
