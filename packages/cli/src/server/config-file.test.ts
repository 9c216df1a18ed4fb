// Holds the reading of config.toml, and of [server] in it, to its refusals: by name and line what nobody knows, by kind what
// is another, and what others could change or read.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { ConfigFolder } from "../../test/config-folder.ts";
import { type ConfigPlace, openConfigFile } from "./config-file.ts";
import { settingsOf } from "./settings.ts";
import { settingsIn } from "./settings-table.ts";

const settings = settingsOf({
  bind: z.array(z.string()).default([]),
  "max-sessions": z.coerce.number().int().optional(),
  ephemeral: z.boolean().default(false),
  hostname: z.string().optional(),
  token: z.string().optional(),
});

function fromFile(place: ConfigPlace, secrets: readonly string[] = []) {
  const file = openConfigFile(place);
  return file ? settingsIn(file, { table: "server", settings, secrets }) : new Map<string, never>();
}

describe("config.toml", () => {
  const folder = new ConfigFolder();

  function read(text: string, mode?: number) {
    return fromFile(folder.write(text, mode), ["token"]);
  }

  it("gives what stands in [server], by the names of flags, and where", () => {
    const given = read(
      '# mine\n[server]\nbind = ["127.0.0.1:0"]\nmax_sessions = 7\nephemeral = true\nhostname = "h"\n',
    );
    assert.deepEqual(
      [...given].map(([name, { value }]) => [name, value]),
      [
        ["bind", ["127.0.0.1:0"]],
        ["max-sessions", 7],
        ["ephemeral", true],
        ["hostname", "h"],
      ],
    );
    assert.equal(given.get("max-sessions")?.called, `${folder.config}:4: max_sessions`);
  });

  it("gives nothing when it says nothing, or is not there and was not named", () => {
    assert.equal(read("").size, 0);
    assert.equal(read("[server]\n").size, 0);
    assert.equal(fromFile({ path: `${folder.config}.none`, isChosen: false }).size, 0);
    assert.equal(fromFile({ path: `${folder.config}/below`, isChosen: false }).size, 0);
  });

  it("is refused when it was named and is not there, or cannot be read", () => {
    const named = { code: "invalid_request", message: /config file .* cannot be read/ };
    assert.throws(() => fromFile({ path: `${folder.config}.none`, isChosen: true }), named);
    assert.throws(() => fromFile({ path: folder.path, isChosen: false }), named);
  });

  const refusals: readonly (readonly [string, string, RegExp])[] = [
    [
      "a key that nobody knows",
      "[server]\n\nmax_session = 7\n",
      /config\.toml:3: max_session in \[server\] is not known/,
    ],
    ["a key as its flag is spelt", '[server]\nmax-sessions = 7\n"x y" = 1', /config\.toml:2: max-sessions in/],
    ["a table below one", "[server.more]\nx = 1\n", /more in \[server\] is not known/],
    ["another kind for the table", "server = 7\n", /config\.toml:1: server is to be a table/],
    ["a text for a number", '[server]\nmax_sessions = "7"\n', /:2: max_sessions in \[server\] is to be a number/],
    ["a switch for a number", "[server]\nmax_sessions = true\n", /is to be a number/],
    ["a text for a list", '[server]\nbind = "127.0.0.1:0"\n', /:2: bind in \[server\] is to be a list of texts/],
    ["numbers in a list", "[server]\nbind = [7337]\n", /is to be a list of texts/],
    ["a number for a switch", "[server]\nephemeral = 1\n", /:2: ephemeral in \[server\] is to be true or false/],
    ["a date for a text", "[server]\nhostname = 2026-01-01\n", /hostname in \[server\] is to be a text/],
    ["what is no TOML", "[server]\nmax_sessions = = 7\n", /config\.toml:2: /],
    ["a key twice", "[server]\nephemeral = true\nephemeral = true\n", /config\.toml:3: /],
  ];
  for (const [what, text, message] of refusals) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => read(text), { code: "invalid_request", message });
    });
  }

  it("shows nothing of itself when it is no TOML, because it may hold a secret", () => {
    assert.throws(
      () => read('[server]\ntoken = "very secret\n'),
      ({ message }: Error) => message.includes("config.toml:2") && !message.includes("very secret"),
    );
  });

  it("is refused when others can change it", () => {
    for (const mode of [0o620, 0o602]) {
      assert.throws(() => read("", mode), { code: "forbidden", message: /can be changed by others; chmod 600 it/ });
    }
    assert.equal(read("", 0o644).size, 0);
  });

  it("is refused when others can read a secret in it", () => {
    const text = '[server]\ntoken = "a long enough one"\n';
    for (const mode of [0o640, 0o604]) {
      assert.throws(() => read(text, mode), { code: "forbidden", message: /holds the secret token/ });
    }
    assert.equal(read(text).get("token")?.value, "a long enough one");
  });
});
