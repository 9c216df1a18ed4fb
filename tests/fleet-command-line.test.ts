// The command line of a fleet: servers by commands of their own, sessions by the names of their servers, many at once over the
// whole fleet, and what a shell completes of all that.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { KeptCli } from "../packages/cli/test/kept-cli.ts";
import { SHELLS, startShell } from "../packages/cli/test/shells.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { fixture, installed } from "./harness/programs.ts";

describe("the command line of a hub with two members", () => {
  let fleet: TestFleet;
  let kept: KeptCli;

  before(async () => {
    fleet = await startFleet({ members: ["web-1", "web-2"] });
    kept = new KeptCli(fleet.hub.home.env);
  });
  after(async () => {
    await kept[Symbol.asyncDispose]();
    await fleet[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    const { json } = await fleet.hub.ask({ path: "/sessions" });
    await Promise.all(
      json.map(({ id }: { id: string }) => fleet.hub.ask({ method: "DELETE", path: `/sessions/${id}` })),
    );
  });

  const tried = (...args: string[]) => kept.run(args);
  /** What it prints when it goes well, without the line end. */
  const says = async (...args: string[]) => {
    const { code, stdout, stderr } = await tried(...args);
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    return stdout.trimEnd();
  };
  const make = async (name: string, server: string, ...tags: string[]) => {
    const { status, body } = await fleet.hub.ask({
      path: "/sessions",
      body: { name, server, tags, argv: [fixture("say")] },
    });
    assert.equal(status, 201, body.toString());
  };
  const lines = (text: string) => text.split("\n").toSorted();
  const names = async () => {
    const { json } = await fleet.hub.ask({ path: "/sessions" });
    return json.map(({ server, name }: Record<string, string>) => `${server}/${name}`).toSorted();
  };

  it("gives a server labels and takes them, all of it or nothing", async () => {
    assert.match(await says("servers", "label", "web-1", "role=db", "gpu="), /role=db/);
    assert.deepEqual((await fleet.server("web-1")).labels["role"], "db");
    assert.equal((await fleet.server("web-1")).labels["gpu"], "");
    const left = await says("servers", "label", "web-1", "gpu-", "role=build");
    assert.match(left, /role=build/);
    assert.doesNotMatch(left, /gpu/);
    for (const [words, says] of [
      [[], /name a label/],
      [["role"], /"role" is no label; write key=value/],
      [["=x"], /is no label/],
      [["zone=eu", "role"], /is no label/],
      [["zo ne=eu"], /\[invalid_body\]/],
    ] as const) {
      const { code, stderr } = await tried("servers", "label", "web-1", ...words);
      assert.equal(code, 2, words.join(" "));
      assert.match(stderr, says);
    }
    assert.equal((await fleet.server("web-1")).labels["zone"], undefined);
    assert.equal((await tried("servers", "label", "web-9", "role=db")).code, 4);
    assert.match(await says("servers", "ls"), /^web-1 .*role=build/m);
    await says("servers", "label", "web-1", "role-");
  });

  it("gives a server another name, and its own again", async () => {
    await says("servers", "update", "web-1", "--name", "other-1");
    assert.equal((await fleet.server("other-1")).reported_hostname, "web-1");
    assert.match(await says("servers", "update", "other-1", "--no-name"), /web-1/);
    assert.equal((await fleet.server("web-1")).reported_hostname, "web-1");
    const both = await tried("servers", "update", "web-1", "--name", "x", "--no-name");
    assert.deepEqual([both.code, /--no-name or a name, not both/.test(both.stderr)], [2, true], both.stderr);
    // As the name of a machine may be a number, or begin with one, it is a word and no JSON.
    await says("api", "servers.update", "ref=web-1", "name=1");
    assert.equal(JSON.parse(await says("api", "servers.update", "ref=1", "name=null")).hostname, "web-1");
    assert.equal((await tried("servers", "update", "web-1", "--cordoned")).code, 2);
  });

  it("cordons, drains and uncordons a server, each by a command", async () => {
    await make("stays", "web-1");
    assert.equal(await says("servers", "cordon", "web-1"), "web-1  cordoned");
    assert.match((await tried("new", "--server", "web-1")).stderr, /web-1 is cordoned.*\[server_cordoned\]/);
    assert.equal(await says("servers", "uncordon", "web-1"), "web-1  takes new sessions");
    assert.equal(await says("servers", "drain", "web-1"), "web-1  draining, 1 session left");
    assert.match(await says("servers", "ls"), /^web-1 +healthy draining /m);
    await says("servers", "uncordon", "web-1");
    const { cordoned, draining } = await fleet.server("web-1");
    assert.deepEqual([cordoned, draining, await names()], [false, false, ["web-1/stays"]]);
  });

  it("adds a server with labels, and shows what happened to its link line by line", async () => {
    const { token } = fleet.member("web-1");
    const id = await says(
      "servers",
      "add",
      "http://127.0.0.1:9",
      "--name",
      "gone-1",
      "--label",
      "role=db",
      "--label",
      "zone=eu",
    );
    assert.deepEqual((await fleet.server("gone-1")).labels, { role: "db", zone: "eu" });
    await fleet.becomes("gone-1", "unavailable", "dial_failed");
    const shown = await says("servers", "show", "gone-1");
    assert.match(shown, /^labels +role=db,zone=eu$/m);
    assert.match(shown, /^reason +dial_failed$/m);
    assert.match(shown, /\n\nLINK LOG +EVENT +DETAIL\n(?:\S+Z +\S.*\n?)+$/);
    assert.equal(shown.includes(token), false);
    assert.match(await says("servers", "show", "local"), /^address +local$/m);
    assert.equal(JSON.parse(await says("servers", "show", "gone-1", "--json")).id, id);
    await says("servers", "rm", "gone-1");
    assert.match(await says("servers", "add", "--help"), /--label <NAME=VALUE>/);
  });

  it("takes --server, and host/name, wherever a session is named", async () => {
    await make("same", "web-1");
    await make("same", "web-2");
    for (const words of [["web-2/same"], ["same", "--server", "web-2"]]) {
      const since = await says("send", ...words, "to the second\\n", "--enter", "--json");
      await says("wait", ...words, "--pattern", "to the second", "--since", since);
      assert.match(await says("screen", ...words), /to the second/);
    }
    assert.doesNotMatch(await says("screen", "web-1/same"), /to the second/);
    const refused = await tried("screen", "same");
    assert.equal(refused.code, 5);
    assert.match(refused.stderr, /\(web-[12], web-[12]\); name the server \[session_ambiguous\]/);
  });

  it("names the server of a session that it was asked to make there, or to place", async () => {
    await says("servers", "label", "web-2", "role=build");
    assert.equal(await says("new", "build", "--on", "@role=build", "--", "cat"), "web-2/build");
    assert.equal(await says("new", "first", "--server", "web-1", "--", "cat"), "web-1/first");
    assert.equal(await says("new", "here", "--", "cat"), "here");
    const { placement } = JSON.parse(await says("new", "--on", "@role=build", "--json", "--", "cat"));
    assert.equal(placement.chosen, "web-2");
    await says("servers", "label", "web-2", "role-");
  });

  it("says of each server why none took a session", async () => {
    const servers = ["web-1", "web-2"];
    const added = ["gone-1", "gone-2"];
    for (const [at, name] of added.entries())
      await says("servers", "add", `http://127.0.0.1:${at + 8}`, "--name", name);
    for (const name of added) await fleet.becomes(name, "unavailable", "dial_failed");
    for (const server of servers) await says("servers", "cordon", server);
    const { code, stdout, stderr } = await tried("new", "--on", "* !local", "--", "cat");
    assert.deepEqual([code, stdout], [5, ""]);
    assert.match(stderr, /^fleetty: none of 4 servers can take a session now .*\[no_eligible_server\]\n/);
    const reasons = stderr.split("\n").slice(1, -1).toSorted();
    const gone = added.map((name) => `  ${name}: unavailable (dial_failed)`);
    assert.deepEqual(reasons, [...gone, "  web-1: cordoned", "  web-2: cordoned"]);
    for (const server of servers) await says("servers", "uncordon", server);
    for (const name of added) await says("servers", "rm", name);
  });

  it("does one thing to many sessions, over the whole fleet, by tag, by servers or by both, and names the server of each", async () => {
    await make("one", "local", "ci");
    await make("one", "web-1", "ci");
    await make("one", "web-2", "ci");
    await make("other", "web-2");
    const would = (...words: string[]) => words.map((word) => `${word}  would be killed`);
    const dry = async (...words: string[]) => lines(await says("kill", ...words, "--dry-run"));
    const all = ["hub-1/one", "web-1/one", "web-2/one"];
    assert.deepEqual(await dry("--tag", "ci"), would(...all));
    assert.deepEqual(await dry("--tag", "ci", "--on", "web-[1-2]"), would("web-1/one", "web-2/one"));
    assert.deepEqual(await dry("--on", "web-2"), would("one", "other"));
    assert.deepEqual(await dry("--tag", "ci", "--server", "web-2"), would("one"));
    assert.deepEqual((await names()).length, 4);

    await says("servers", "cordon", "web-2");
    assert.deepEqual(lines(await says("tag", "--on", "* !local", "+old")), [
      "web-1/one  tagged",
      "web-2/one  tagged",
      "web-2/other  tagged",
    ]);
    await says("servers", "uncordon", "web-2");
    assert.deepEqual(
      lines(await says("signal", "--tag", "ci", "WINCH")),
      all.map((name) => `${name}  signalled`),
    );
    assert.deepEqual(lines(await says("kill", "--tag", "old")), [
      "web-1/one  killed",
      "web-2/one  killed",
      "web-2/other  killed",
    ]);
    assert.deepEqual(await names(), ["hub-1/one"]);
  });

  it("does nothing at all when a server of the set is nobody's, or when it is not clear whose sessions are meant", async () => {
    await make("spared", "web-1", "ci");
    for (const [words, code, says] of [
      [["--on", "web-1 web-7"], 4, /web-7.*\[server_not_found\]/],
      [["--on", "web-1 !web-7"], 4, /web-7.*\[server_not_found\]/],
      [["--on", "web-[1", "--tag", "ci"], 2, /\[invalid_selector\]/],
      [["--on", "@role=nobody"], 4, /\[no_servers\]/],
      [["--on", "web-2"], 4, /no live session on web-2 is there.*\[session_not_found\]/],
      [["--server", "web-7", "--tag", "ci"], 4, /\[server_not_found\]/],
      [["--on", "web-1", "--server", "web-1"], 2, /--server or --on, not both/],
      [["spared", "--on", "web-1"], 2, /does not take "spared"/],
      // An empty variable in place of a name must not mean everything.
      [["--server", "web-1"], 2, /needs <session>, or --tag or --on/],
    ] as const) {
      const refused = await tried("kill", ...words);
      assert.deepEqual([refused.code, refused.stdout], [code, ""], words.join(" "));
      assert.match(refused.stderr, says);
    }
    assert.deepEqual(await names(), ["web-1/spared"]);
  });

  it("reaches those that can be reached, and says which server could not be asked", async () => {
    await make("reached", "web-1", "ci");
    await says("servers", "add", "http://127.0.0.1:9", "--name", "gone-1");
    await fleet.becomes("gone-1", "unavailable", "dial_failed");
    const { code, stdout, stderr } = await tried("tag", "--tag", "ci", "+seen");
    assert.deepEqual([code, stdout], [8, "web-1/reached  tagged\n"]);
    assert.match(stderr, /^fleetty: gone-1: .*\[server_unavailable\]\n$/);
    const killed = await tried("kill", "--on", "web-1 gone-1", "--json");
    assert.equal(killed.code, 8);
    const [one, missing] = JSON.parse(killed.stdout);
    assert.deepEqual([one.session, one.server, one.ok], ["reached", "web-1", true]);
    assert.deepEqual([missing.server, missing.ok, missing.error.code], ["gone-1", false, "server_unavailable"]);
    await says("servers", "rm", "gone-1");
  });

  describe("is completed", () => {
    const candidates = async (...words: string[]) =>
      (await says("completion", "--candidates", "--", ...words))
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [line.split("\t")[0] as string]));

    it("with servers, sets of them, and host/name", async () => {
      const hub = ["hub-1", "web-1", "web-2"];
      for (const words of [
        ["servers", "show"],
        ["servers", "label"],
        ["attach", "x", "--server"],
        ["new", "--server"],
      ])
        assert.deepEqual((await candidates(...words, "")).toSorted(), hub, words.join(" "));
      assert.deepEqual(await candidates("ls", "--server=h"), ["--server=hub-1"]);
      assert.deepEqual(await candidates("api", "servers.get", "ref=h"), ["ref=hub-1"]);
      assert.deepEqual(await candidates("servers", "label", "web-1", ""), []);
      await says("servers", "label", "web-1", "role=db");
      assert.deepEqual((await candidates("kill", "--on", "web-1,!w")).toSorted(), ["web-1,!web-1", "web-1,!web-2"]);
      assert.deepEqual(await candidates("new", "--on", "@role"), ["@role=db"]);
      await says("servers", "label", "web-1", "role-");
      assert.ok((await candidates("servers", "add", "-")).includes("--label"));

      await make("same", "web-1");
      await make("same", "web-2");
      await make("only", "web-1");
      assert.deepEqual((await candidates("attach", "")).toSorted(), ["only", "web-1/same", "web-2/same"]);
      assert.deepEqual((await candidates("attach", "web-1/")).toSorted(), ["web-1/only", "web-1/same"]);
      assert.deepEqual((await candidates("attach", "--server", "web-1", "")).toSorted(), ["only", "same"]);
      assert.deepEqual(await candidates("attach", "--server=web-2", ""), ["same"]);
    });

    for (const shell of SHELLS) {
      const { path, skip } = installed(shell);
      it(`by ${shell}`, { skip }, async () => {
        await make("build", "web-2");
        await make("far", "web-1");
        using folder = mkdtempDisposableSync("/tmp/ft-");
        const user = await startShell(shell, { path, home: join(folder.path, "home"), env: { ...fleet.hub.home.env } });
        try {
          for (const [keys, shows] of [
            ["fleetty screen web-2/b\t", /\$ fleetty screen web-2\/build$/],
            ["--server hu\t", /web-2\/build --server hub-1$/],
            ["\x15fleetty servers cordon hu\t", /\$ fleetty servers cordon hub-1$/],
          ] as const) {
            user.type(keys);
            await user.until(`${JSON.stringify(keys)} is completed`, (text) => shows.test(text));
          }
        } finally {
          user.close();
        }
      });
    }
  });
});
