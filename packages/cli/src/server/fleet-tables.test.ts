// Holds what config.toml says of the fleet to its reading: servers, tokens from files that are secrets, rules; and to its
// refusals, each with file, line and key, and without a token.
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readMemberAddress } from "@fleetty/hub/fleet/member-address";
import { ConfigFolder } from "../../test/config-folder.ts";
import { openConfigFile } from "./config-file.ts";
import { fleetIn } from "./fleet-tables.ts";

const folder = new ConfigFolder();

function read(text: string, mode?: number) {
  return fleetIn(openConfigFile(folder.write(text, mode)));
}

describe("the fleet in config.toml", () => {
  it("has servers with what is said of each, in their order", () => {
    const token = folder.file("one.token", "  token-of-one\n");
    const { servers } = read(`
[[servers]]
address = "HTTPS://Proxy.example:443/node-1/"
token_file = "${token}"
name = "node-1"
labels = { role = "web", az = "a" }

[[servers]] # another
address = "http://10.0.1.10:7337"
token = ""

[[servers]]
address = "unix:///run/fleetty/link.sock"
`);
    assert.deepEqual(
      servers.map(({ token: own, ...said }) => ({ ...said, token: own?.reveal() ?? null })),
      [
        {
          address: "https://proxy.example/node-1",
          name: "node-1",
          labels: { az: "a", role: "web" },
          token: "token-of-one",
        },
        { address: "http://10.0.1.10:7337", name: null, labels: {}, token: null },
        { address: "unix:/run/fleetty/link.sock", name: null, labels: {}, token: null },
      ],
    );
  });

  it("is empty, and forbids nothing, without a file or a word about it", () => {
    for (const { servers, shared, access, ca } of [fleetIn(null), read('[server]\nhostname = "h"\n')]) {
      assert.deepEqual([servers, shared, ca], [[], null, undefined]);
      assert.equal(access.judge(["169.254.169.254"]).kind, "allowed");
    }
  });

  it("has one token for those who are listed", () => {
    const { shared } = read('default_token = "for-all-of-them"\ndefault_token_for = ["*.build.example"]\n');
    const address = readMemberAddress("https://one.build.example");
    assert.equal(shared?.for({ address, contacted: "10.0.0.1" })?.reveal(), "for-all-of-them");
    assert.equal(read('default_token = ""\n').shared, null);
  });

  it("has rules for where dialling may lead", () => {
    const { access } = read('[ip_access]\nallowlist = ["10.0.0.0/8"]\nblocklist = ["10.1.0.0/16"]\n');
    const kinds = ["10.0.0.1", "10.1.0.1", "192.0.2.1"].map((address) => access.judge([address]).kind);
    assert.deepEqual(kinds, ["allowed", "denied", "denied"]);
  });

  it("is read through a link to a token", () => {
    const target = folder.file("target", "token-behind-a-link\n");
    const link = join(folder.path, "link");
    symlinkSync(target, link);
    const { servers } = read(`[[servers]]\naddress = "http://a"\ntoken_file = "${link}"\n`);
    assert.equal(servers[0]?.token?.reveal(), "token-behind-a-link");
  });

  const one = '[[servers]]\naddress = "http://a"\n';
  const refusals: readonly (readonly [string, string, RegExp])[] = [
    ["a table that nobody knows", "[server]\n[[severs]]\n", /config\.toml:2: .*severs.* is not known/],
    ["a key outside of tables that nobody knows", "max_sessions = 7\n", /config\.toml:1: max_sessions is not known/],
    [
      "a misspelt key of a server",
      `${one}[[servers]]\nadress = "x"\n`,
      /config\.toml:4: adress in \[\[servers\]\] is not known/,
    ],
    ["a key that no server has", `${one}${one}tokn = "x"\n`, /config\.toml:5: tokn in \[\[servers\]\] is not known/],
    ["a server without an address", `${one}\n[[servers]]\nname = "b"\n`, /config\.toml:4: address in \[\[servers\]\]/],
    ["another kind for an address", "[[servers]]\naddress = 7\n", /:2: address in \[\[servers\]\] is to be a text/],
    ["one table of servers", "[servers]\n", /config\.toml:1: servers is to be tables: \[\[servers\]\]/],
    ["an address that is none", `${one}${one.replace("http://a", "http://0.0.0.0")}`, /config\.toml:4: .*no machine/],
    [
      "a socket without an absolute path",
      '[[servers]]\naddress = "unix:l.sock"\n',
      /config\.toml:2: .*no absolute path; write it as unix:/,
    ],
    [
      "a socket twice",
      '[[servers]]\naddress = "unix:/run/l.sock"\n[[servers]]\naddress = "unix:///run//l.sock"\n',
      /config\.toml:4: address in .*unix:\/run\/l\.sock stands at .*:2 already/,
    ],
    [
      "a token for a socket",
      '[[servers]]\naddress = "unix:/run/l.sock"\ntoken_file = "/x"\n',
      /config\.toml:3: token_file in \[\[servers\]\] is sent over no socket, whose own key lies beside it/,
    ],
    [
      "an address twice",
      `${one}${one.replace("http://a", "HTTP://A:80/")}`,
      /:4: address in .*http:\/\/a stands at .*:2 already/,
    ],
    [
      "a name twice",
      `${one}name = "b"\n${one.replace("/a", "/c")}name = "B"\n`,
      /:6: name in .*stands at .*:3 already/,
    ],
    ["a name that is reserved", `${one}name = "local"\n`, /config\.toml:3: name in \[\[servers\]\] is a reserved word/],
    ["a label that is none", `${one}[servers.labels]\nrole = "not one"\n`, /config\.toml:3: labels in \[\[servers\]\]/],
    [
      "a token with a line end",
      `${one}token = "a\\nb"\n`,
      /config\.toml:3: token in \[\[servers\]\] takes printable ASCII/,
    ],
    ["a token twice", `${one}token = "a"\ntoken_file = "/x"\n`, /:4: token_file and token both bring a token/],
    [
      "a token file that is not there",
      `${one}token_file = "/no/such"\n`,
      /:3: token_file in \[\[servers\]\]: \/no\/such cannot be read/,
    ],
    ["a folder for a token file", `${one}token_file = "/"\n`, /:3: token_file in \[\[servers\]\]: \/ is no file/],
    [
      "a shared token for nobody",
      'default_token = "secret-word"\n',
      /:1: default_token is sent to nobody without default_token_for/,
    ],
    [
      "a shared token for an empty list",
      'default_token_for = []\ndefault_token = "x"\n',
      /:2: default_token is sent to nobody/,
    ],
    [
      "everybody on the list",
      'default_token = "x"\ndefault_token_for = ["*"]\n',
      /:2: default_token_for: "\*" is no address/,
    ],
    [
      "a bad list without a token",
      'default_token_for = ["10.0.0.0/33"]\n',
      /:1: default_token_for: "10.0.0.0\/33" is no/,
    ],
    [
      "a shared token twice",
      'default_token = "x"\ndefault_token_file = "/y"\n',
      /:2: default_token_file and default_token both/,
    ],
    [
      "a network that is none",
      '[ip_access]\n\nallowlist = ["10.0.0.0/40"]\n',
      /:3: allowlist in \[ip_access\]: allowlist: "10/,
    ],
    [
      "a blocked network that is none",
      '[ip_access]\nblocklist = ["x"]\n',
      /:2: blocklist in \[ip_access\]: blocklist: "x"/,
    ],
    [
      "a text for a list",
      '[ip_access]\nblocklist = "10.0.0.0/8"\n',
      /:2: blocklist in \[ip_access\] is to be a list of texts/,
    ],
    ["a list that nobody knows", "[ip_access]\ngraylist = []\n", /:2: graylist in \[ip_access\] is not known/],
    [
      "authorities that are not there",
      '[tls]\nca_file = "/no/ca"\n',
      /:2: ca_file in \[tls\]: \/no\/ca cannot be read \(ENOENT\)/,
    ],
    [
      "the server's own certificate there",
      '[tls]\ncert_file = "/x"\n',
      /:2: cert_file in \[tls\] is not known; it is tls_cert in \[server\]/,
    ],
  ];
  for (const [what, text, message] of refusals) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => read(text),
        (thrown: Error & { code: string }) => {
          assert.equal(thrown.code, "invalid_request");
          assert.match(thrown.message, message);
          return !/secret-word/.test(thrown.message);
        },
      );
    });
  }

  it("is refused with authorities that are no certificate", () => {
    const ca = folder.file("ca.pem", "-----BEGIN CERTIFICATE-----\nnothing\n");
    assert.throws(() => read(`[tls]\nca_file = "${ca}"\n`), {
      message: /:2: ca_file in \[tls\]: .* holds no certificate/,
    });
  });

  it("is refused with a token file that is open to others, or empty, or holds no token", () => {
    const cases = [
      [
        folder.file("open", "token-of-one\n", 0o640),
        "forbidden",
        /:3: token_file in \[\[servers\]\]: .*open is open to others; chmod 600/,
      ],
      [folder.file("empty", " \n"), "invalid_request", /:3: .*empty is empty; put the token in it/],
      [folder.file("two-lines", "token-of-one\ntoken-of-two\n"), "invalid_request", /:3: .*two-lines holds no token/],
    ] as const;
    for (const [name, code, message] of cases) {
      const text = `[[servers]]\naddress = "http://a"\ntoken_file = "${name}"\n`;
      assert.throws(
        () => read(text),
        (thrown: Error & { code: string }) => {
          assert.equal(thrown.code, code);
          assert.match(thrown.message, message);
          return !thrown.message.includes("token-of-");
        },
      );
    }
  });

  it("is refused when others can read a token in it", () => {
    const tokens = [`${one}token = "x"\n`, 'default_token = "x"\ndefault_token_for = ["10.0.0.0/8"]\n'];
    for (const [text, line] of [
      [tokens[0], 3],
      [tokens[1], 1],
    ] as const) {
      const message = new RegExp(`holds the secret (default_)?token in line ${line} and can be read by others`);
      assert.throws(() => read(text as string, 0o644), { code: "forbidden", message });
    }
    assert.equal(read(one, 0o644).servers.length, 1);
  });
});
