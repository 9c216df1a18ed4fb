// Holds the repository to its own rules: the direction of imports, what may be named where, and that table, catalogue and
// documents agree.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { catalogue } from "@fleetty/protocol/errors";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import { commandRows } from "../packages/cli/src/commands.ts";
import { ownCommands } from "../packages/cli/src/help.ts";
import { describeSettings } from "../packages/cli/src/server/config.ts";
import { describeFleetKeys } from "../packages/cli/src/server/fleet-tables.ts";
import { serverHelp } from "../packages/cli/src/server/help.ts";
import { describePresetKeys } from "../packages/cli/src/server/preset-tables.ts";
import { describeSecretKeys } from "../packages/cli/src/server/secret-tables.ts";
import { describeWorkerSettings } from "../packages/cli/src/worker/config.ts";
import { describeWorkerKeys } from "../packages/cli/src/worker/file-tables.ts";
import { workerHelp } from "../packages/cli/src/worker/help.ts";

const arrows: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  sqlite: [],
  carrier: ["protocol"],
  worker: ["protocol", "sqlite", "carrier"],
  hub: ["protocol", "sqlite", "carrier"],
  client: ["protocol"],
  cli: ["protocol", "carrier", "worker", "hub", "client"],
};

const sources = globSync("packages/*/src/**/*.ts").map((file) => ({ file, text: readFileSync(file, "utf8") }));
const own = sources.filter(({ file }) => !file.endsWith(".test.ts"));
const everything = [
  ...sources,
  ...globSync("{tests,bench,scripts}/**/*.ts").map((file) => ({ file, text: readFileSync(file, "utf8") })),
];

/** What stands behind "from" or in "import()" and is neither ours by path nor Node's. */
const IMPORTED = /\b(?:from |import\(|^import )"((?!node:)[a-z@][\w@/.-]*)"/gm;

function packageOf(imported: string): string {
  return imported
    .split("/")
    .slice(0, imported.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Files that hold `what`, less those that may. */
function offenders(files: typeof own, what: RegExp, allowed: RegExp): string[] {
  return files.filter(({ file, text }) => what.test(text) && !allowed.test(file)).map(({ file }) => file);
}

describe("the repository", () => {
  it("imports in one direction", () => {
    for (const { file, text } of own) {
      const from = file.split("/")[1] as string;
      const to = [...text.matchAll(/from "@fleetty\/([a-z]+)/g)].map((match) => match[1] as string);
      for (const target of to)
        assert.ok(target === from || arrows[from]?.includes(target), `${file} imports ${target}`);
    }
  });

  it("keeps the protocol free of everything but zod", () => {
    const protocol = own.filter(({ file }) => file.startsWith("packages/protocol/"));
    const foreign = protocol.flatMap(({ file, text }) =>
      [...text.matchAll(/from "([^."][^"]*)"/g)]
        .filter((match) => match[1] !== "zod")
        .map((match) => `${file}: ${match[1]}`),
    );
    assert.deepEqual(foreign, []);
  });

  it("keeps the client free of Node, but for the folder that only Node loads", () => {
    const client = own.filter(({ file }) => file.startsWith("packages/client/"));
    const ofNode = /"node:|from "ws"|"\.\.?\/node\/|\bprocess\.|\bBuffer\.|\bNodeJS\./;
    assert.deepEqual(offenders(client, ofNode, /client\/src\/node\//), []);
  });

  it("declares what each package imports, and nothing else", () => {
    for (const name of Object.keys(arrows)) {
      const { dependencies } = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8"));
      const texts = own
        .filter(({ file }) => file.startsWith(`packages/${name}/src/`) && !file.includes("/fixtures/"))
        .map(({ text }) => text);
      const imported = texts.flatMap((text) =>
        [...text.matchAll(IMPORTED)].map((match) => packageOf(match[1] as string)),
      );
      const foreign = imported.filter((one) => one !== `@fleetty/${name}`);
      // node-pty is found by path: only its compiled half is used.
      const found = name === "worker" ? [...foreign, "@lydell/node-pty"] : foreign;
      assert.deepEqual(Object.keys(dependencies).sort(), [...new Set(found)].sort(), name);
    }
  });

  it("keeps SQL, terminals, patterns and the environment each in its place", () => {
    assert.deepEqual(
      offenders(own, /node:sqlite/, /sqlite\/src\/|(hub|worker)\/src\/store\/|worker\/src\/state\/instance-lock/),
      [],
    );
    assert.deepEqual(offenders(own, /@lydell\/node-pty/, /worker\/src\/pty\//), []);
    assert.deepEqual(offenders(own, /@xterm\//, /worker\/src\/screen\//), []);
    assert.deepEqual(offenders(own, /from "re2js"/, /worker\/src\/waits\//), []);
    assert.deepEqual(offenders(own, /process\.env|\benv\b.*= process/, /config\.ts$|harness/), []);
  });

  it("opens each file with a paragraph that says what it decides or holds", () => {
    assert.deepEqual(offenders(own, /^(?!\/\/ \S)/, /^$/), []);
  });

  it("keeps files short, and names them by nouns", () => {
    for (const { file, text } of own) {
      assert.ok(text.split("\n").length <= 400, `${file} has ${text.split("\n").length} lines`);
      assert.doesNotMatch(file, /utils?\b|helpers?\b|misc/);
      assert.match(file, /\/[a-z0-9-]+(\.test)?\.ts$/);
    }
  });

  it("leaves no test out", () => {
    const held = everything.filter(({ file }) => !file.endsWith("tidy.test.ts"));
    assert.deepEqual(offenders(held, /\b(it|test|describe)\.(only|skip|todo)\(/, /^$/), []);
  });

  it("holds its functions and promises, not its intentions", () => {
    const held = everything.filter(({ file }) => !file.endsWith("tidy.test.ts"));
    assert.deepEqual(offenders(held, /\b(TODO|FIXME|XXX|HACK)\b/, /^$/), []);
  });
});

describe("the documents", () => {
  const documents = ["README.md", ...globSync("docs/**/*.md")];

  it("link to files that are there", () => {
    for (const file of documents) {
      const targets = [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)];
      for (const [, target] of targets) {
        const path = join(dirname(file), target as string);
        assert.ok(existsSync(path), `${file} links to ${target}, which is not there`);
      }
    }
  });

  it("name commands that there are", () => {
    const commands = commandRows().map(({ cli }) => cli.command.split(" ")[0]);
    const known = new Set([...commands, ...ownCommands.map(([command]) => command.split(" ")[0])]);
    for (const file of documents) {
      const named = [...readFileSync(file, "utf8").matchAll(/^npx fleetty (?!-)([a-z-]+)|`fleetty (?!-)([a-z-]+)/gm)];
      for (const [, atStart, inText] of named) {
        const word = (atStart ?? inText) as string;
        assert.ok(known.has(word), `${file} names the command ${word}, which is not there`);
      }
    }
  });
});

describe("what a snapshot does not carry", () => {
  it("is listed alike for callers and where it is made", () => {
    const header = readFileSync("packages/worker/src/screen/snapshot.ts", "utf8");
    const [, chapter = ""] = readFileSync("docs/protocol.md", "utf8").split("### Snapshots");
    const made = [...header.matchAll(/^\/\/ {3}- (.+)$/gm)].map(([, item]) => item);
    const told = [...(chapter.split("## ")[0] ?? "").matchAll(/^- (.+)$/gm)].map(([, item]) => item);
    assert.ok(made.length > 0);
    assert.deepEqual(told, made);
  });
});

describe("the settings of a server", () => {
  it("are told alike by the schema, the documents and --help, in its order", () => {
    const { settings, file } = describeSettings();
    const rows = settings.map(({ key, flag, says }) => `| \`${key}\` | \`${flag}\` | ${says} |`);
    const [, table = ""] = readFileSync("docs/operating.md", "utf8").split("| key | flag | |\n|---|---|---|\n");
    assert.deepEqual(table.split("\n\n")[0]?.split("\n"), rows);
    const keys = describeFleetKeys().map(({ key, says }) => `| \`${key}\` | ${says} |`);
    const [, ofFleet = ""] = readFileSync("docs/operating.md", "utf8").split("\n| key | |\n|---|---|\n");
    assert.deepEqual(ofFleet.split("\n\n")[0]?.split("\n"), keys);
    for (const { flag, says } of [...settings, file]) {
      assert.ok(serverHelp().includes(`  ${flag} `) && serverHelp().includes(says), `--help does not tell ${flag}`);
    }
  });
});

describe("the settings of a worker", () => {
  it("are told alike by the schema, the documents and --help, in its order", () => {
    const { settings, file } = describeWorkerSettings();
    const rows = settings.map(({ flag, says }) => `| \`${flag}\` | ${says} |`);
    const [, chapter = ""] = readFileSync("docs/operating.md", "utf8").split("## Machines behind NAT\n");
    const [, table = ""] = chapter.split("| flag | |\n|---|---|\n");
    assert.deepEqual(table.split("\n\n")[0]?.split("\n"), rows);
    const keys = describeWorkerKeys().map(({ key, says }) => `| \`${key}\` | ${says} |`);
    const [, ofFile = ""] = chapter.split("\n| key | |\n|---|---|\n");
    assert.deepEqual(ofFile.split("\n\n")[0]?.split("\n"), keys);
    for (const { key, says } of describeWorkerKeys())
      assert.ok(workerHelp().includes(`  ${key} `) && workerHelp().includes(says), `--help does not tell ${key}`);
    for (const { flag, says } of [...settings, file]) {
      assert.ok(workerHelp().includes(`  ${flag} `) && workerHelp().includes(says), `--help does not tell ${flag}`);
    }
  });
});

describe("the secrets of a file", () => {
  it("are told alike by the schema and the documents, in its order", () => {
    const [, chapter = ""] = readFileSync("docs/operating.md", "utf8").split("## Secrets\n");
    const [, table = ""] = chapter.split("\n| key | |\n|---|---|\n");
    const keys = describeSecretKeys().map(({ key, says }) => `| \`${key}\` | ${says} |`);
    assert.deepEqual(table.split("\n\n")[0]?.split("\n"), keys);
  });
});

describe("the presets of a file", () => {
  it("are told alike by the schema and the documents, in its order", () => {
    const [, chapter = ""] = readFileSync("docs/operating.md", "utf8").split("\n## Presets\n");
    const [, table = ""] = chapter.split("\n| key | |\n|---|---|\n");
    const keys = describePresetKeys().map(({ key, says }) => `| \`${key}\` | ${says} |`);
    assert.deepEqual(table.split("\n\n")[0]?.split("\n"), keys);
  });
});

describe("the operation table", () => {
  const documented = readFileSync("docs/protocol.md", "utf8");

  it("gives every row a verb, an audit rule, a command and a place in the documents", () => {
    const commands = new Set<string>();
    for (const [name, row] of Object.entries(operations) as [string, AnyOperation][]) {
      assert.equal(name, row.name);
      assert.ok(row.cli && row.http, `${name} has no command or no HTTP form`);
      assert.ok(row.verb && row.audit && row.summary.endsWith("."), name);
      assert.ok(row.cli.examples.length > 0, `${name} has no example`);
      const command = row.cli.isForFleet ? `${row.cli.command} without a session` : row.cli.command;
      assert.ok(!commands.has(command), `${command} is there twice`);
      commands.add(command);
      assert.ok(documented.includes(`\`${name}\``), `docs/protocol.md does not name ${name}`);
      assert.ok(documented.includes(row.http), `docs/protocol.md does not name ${row.http}`);
      assert.ok(
        row.audit !== "none" ||
          row.http.startsWith("GET") ||
          ["sessions.wait", "fleet.wait", "servers.resolve"].includes(name),
        `${name} changes something unaudited`,
      );
    }
  });

  it("has each refusal that a row declares provoked by the tests that want a cell of every such row", () => {
    const declared = new Set(Object.values(operations).flatMap(({ errors }) => errors as readonly string[]));
    const stories = globSync("tests/*.test.ts").map((file) => readFileSync(file, "utf8"));
    const provoked = stories.flatMap((text) => [...text.matchAll(/\b(?:each|assertEach)\(\s*"([a-z_]+)"/g)]);
    assert.deepEqual(new Set(provoked.map(([, code]) => code as string)), declared);
  });

  it("has every code of the catalogue in the documents, with its status", () => {
    for (const [code, { status }] of Object.entries(catalogue)) {
      assert.match(
        documented,
        new RegExp(`\\| ${status} \\|[^\\n]*\`${code}\``),
        `docs/protocol.md does not name ${code} (${status})`,
      );
    }
  });
});
