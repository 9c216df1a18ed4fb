// Holds addresses of sockets to one text each, and to where they lie; all others are read as before.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { asAddress, readDialledAddress } from "./dialled-address.ts";
import { readMemberAddress } from "./member-address.ts";

const LONG = `unix:/${"x".repeat(100)}`;

describe("the address of a member on a unix socket", () => {
  it("is its path", () => {
    const address = readDialledAddress("unix:/run/fleetty/link.sock");
    const path = "/run/fleetty/link.sock";
    assert.deepEqual(address, { scheme: "unix", path, text: `unix:${path}` });
    assert.ok(Object.isFrozen(address));
    assert.equal(readDialledAddress(LONG.slice(0, -1)).text, LONG.slice(0, -1));
  });

  it("is one text however it is spelled", () => {
    for (const text of ["UNIX:/a/b.sock", "unix:///a/b.sock", "unix:/a//b.sock", "unix:/./a/./b.sock"])
      assert.equal(readDialledAddress(text).text, "unix:/a/b.sock", text);
    for (const text of ["unix:/A/b.sock", "unix:/a/%62.sock", "unix:/a/b.sock?x"])
      assert.equal(readDialledAddress(text).text, text);
  });

  it("is refused with what is wrong and what to do", () => {
    const refusals: readonly (readonly [text: string, told: RegExp])[] = [
      ["unix:", /no absolute path; write it as unix:\/run/],
      ["unix:link.sock", /no absolute path/],
      ["unix:./link.sock", /no absolute path/],
      ["unix:~/link.sock", /no absolute path/],
      ["unix://host/link.sock", /names a machine before/],
      ["unix:////link.sock", /names a machine before/],
      ["unix:/a/../b", /holds \.\. in the socket's path/],
      ["unix:/..", /holds \.\./],
      ["unix:/", /ends as a folder does/],
      ["unix:/a/", /ends as a folder does/],
      ["unix:/a/.", /ends as a folder does/],
      ["unix:/a b", /a blank/],
      ["unix:/a\nb", /a blank/],
      ["unix:/a\0", /a blank/],
      ["unix:/a\\b", /a backslash/],
      [LONG, /more than 100 bytes/],
      [`unix:/${"ä".repeat(50)}`, /more than 100 bytes/],
    ];
    for (const [text, told] of refusals) {
      assert.throws(
        () => readDialledAddress(text),
        (thrown: unknown) => {
          assert.ok(thrown instanceof FleettyError, text);
          assert.deepEqual([thrown.code, thrown.details], ["invalid_request", { field: "address" }]);
          assert.match(thrown.message, /^address [^\n]*;/, text);
          assert.match(thrown.message, told, JSON.stringify(text));
          return true;
        },
      );
    }
  });

  it("is not what callers may give, who learn where it is named", () => {
    assert.throws(
      () => readMemberAddress("unix:/run/link.sock"),
      /begins with unix:; name sockets in the configuration/,
    );
  });
});

describe("a reference", () => {
  it("is an address where it is read as one", () => {
    const table: Readonly<Record<string, string | undefined>> = {
      "unix:///run//link.sock": "unix:/run/link.sock",
      "HTTP://Build-1:80/": "http://build-1",
      "unix:link.sock": undefined,
      "http://": undefined,
      unix: undefined,
      "build-1": undefined,
    };
    for (const [reference, text] of Object.entries(table)) assert.equal(asAddress(reference)?.text, text, reference);
  });
});
