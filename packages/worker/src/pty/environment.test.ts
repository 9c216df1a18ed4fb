// Which variables a program gets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionEnvironment } from "./environment.ts";

const inherited = {
  PATH: "/bin",
  LANG: "C.UTF-8",
  LC_TIME: "de_DE",
  XDG_RUNTIME_DIR: "/run/user/1",
  http_proxy: "http://proxy",
  HTTPS_PROXY: "http://proxy",
  TERM: "dumb",
  FLEETTY_TOKEN: "secret",
  ORCHESTRATOR_KEY: "secret",
  WSH_TOKEN: "secret",
  AWS_SECRET_ACCESS_KEY: "secret",
  GOPATH: "/go",
  EMPTY: undefined,
};

test("what is on the allow list passes, and nothing else; TERM is what the emulator understands", () => {
  assert.deepEqual(sessionEnvironment({ inherited, passNames: [], asked: {} }), {
    PATH: "/bin",
    LANG: "C.UTF-8",
    LC_TIME: "de_DE",
    XDG_RUNTIME_DIR: "/run/user/1",
    http_proxy: "http://proxy",
    HTTPS_PROXY: "http://proxy",
    TERM: "xterm-256color",
  });
});

test("a name that the operator lets pass passes, but never one of fleetty's own", () => {
  const env = sessionEnvironment({
    inherited,
    passNames: ["GOPATH", "FLEETTY_TOKEN", "WSH_TOKEN", "EMPTY"],
    asked: {},
  });
  assert.equal(env["GOPATH"], "/go");
  assert.deepEqual(
    Object.values(env).filter((value) => value === "secret"),
    [],
  );
  assert.equal("EMPTY" in env, false);
});

test("what the caller asks for wins", () => {
  const env = sessionEnvironment({ inherited, passNames: [], asked: { TERM: "vt100", PATH: "/opt", A_1: "" } });
  assert.deepEqual([env["TERM"], env["PATH"], env["A_1"]], ["vt100", "/opt", ""]);
});

test("a name or value that cannot be is refused without showing the value", () => {
  for (const name of ["", "1A", "A-B", "A=B", "A B", "Ä", "A\0"]) {
    const ask = () => sessionEnvironment({ inherited, passNames: [], asked: { [name]: "secret" } });
    assert.throws(ask, { code: "invalid_request", details: { field: "env", name } });
  }
  const ask = () => sessionEnvironment({ inherited, passNames: [], asked: { A: "secret\0" } });
  assert.throws(ask, (error: Error) => !error.message.includes("secret"));
});
