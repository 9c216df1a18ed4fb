// Carries out docs/operating.md as an operator does on a new machine: the blocks of the document as they stand, in its order,
// under a systemd that runs the machine, with nginx before the server; and calls it from elsewhere. What the proxy lets
// through request by request is in behind-nginx.test.ts, the unit for a user's own manager in systemd.test.ts.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { type CertificateFiles, makeCertificate } from "./harness/certificate.ts";
import { ask } from "./harness/http.ts";
import { ADDRESS, INSTALLED, Machine, STRANGER, whyNoMachine } from "./harness/machine.ts";
import { block, replaced } from "./harness/operating.ts";
import { installed } from "./harness/programs.ts";
import { installRelease } from "./harness/release.ts";
import { waitUntil } from "./harness/wait-until.ts";

const NAME = "fleetty.example.com";
const CONFIG = "/etc/fleetty/config.toml";
const SOCKET = "/run/fleetty/fleetty/default.http.sock";
const TOKEN = "/var/lib/fleetty/fleetty/default/token";
const SAY = `${INSTALLED}/tests/programs/say`;
/** As the document has it, for whoever trusts the authority of this test. */
const FLEETTY = "NODE_EXTRA_CA_CERTS=ca.pem fleetty";
const AFAR = `${FLEETTY} --url https://${NAME}/fleetty --token-file token`;
const DETACH = "\x1c\x1c";

const missing = ["nginx", "dbus-daemon", "curl", "ip"].map((name) => installed(name).skip).find(Boolean);

describe("a new machine, by docs/operating.md", { skip: missing ?? whyNoMachine() }, () => {
  const folder = mkdtempDisposableSync("/tmp/ft-");
  let machine: Machine;
  let certificate: CertificateFiles;
  let attached: Attached;

  before(async () => {
    certificate = makeCertificate(folder.path, "outside", [NAME]);
    machine = await Machine.start();
    await machine.types(`echo '${ADDRESS} ${NAME}' >> /etc/hosts`);
  });

  after(async () => {
    await machine?.[Symbol.asyncDispose]();
    folder.remove();
  });

  const shown = (property: string) => machine.types(`systemctl show --value --property=${property} fleetty`);
  const local = async (path: string) => (await ask({ socketPath: machine.path(SOCKET) }, { path })).json;
  const info = () => local("/server/info");
  const programs = async () => (await local("/sessions")).map(({ name, pid }: Record<string, unknown>) => [name, pid]);

  it("runs the service of the system, which answers as soon as it is started", async () => {
    await machine.types(block("Under systemd", "sh", "useradd"));
    const listed = await machine.types(block("Under systemd", "sh", "fleetty ls"));
    assert.match(listed, /^build +running /m);
    assert.deepEqual((await info()).conditions, []);
    assert.equal(await shown("UnitFileState"), "enabled");
    await machine.types("systemd-analyze verify /etc/systemd/system/fleetty.service");
  });

  it("gives the token to the service's user alone", async () => {
    assert.equal(await machine.types(`stat --format '%U %a' ${TOKEN}`), "fleetty 600");
    for (const file of [TOKEN, SOCKET]) {
      const { code, stderr } = await machine.tried(`runuser -u nobody -- stat ${file}`);
      assert.deepEqual([code, /Permission denied/.test(stderr)], [1, true], stderr);
    }
  });

  it("is reached from elsewhere by nginx over TLS", async () => {
    machine.write(CONFIG, block("Behind nginx", "toml"));
    machine.write("/etc/nginx/conf.d/fleetty.conf", block("Behind nginx", "nginx"));
    machine.write(`/etc/ssl/certs/${NAME}.pem`, readFileSync(certificate.cert, "utf8"));
    machine.write(`/etc/ssl/private/${NAME}.key`, readFileSync(certificate.key, "utf8"));
    const token = (await machine.types(block("Behind nginx", "sh", "fleetty token"))).split("\n").at(-1);
    assert.equal(token, machine.read(TOKEN).trim());

    machine.write("/root/ca.pem", readFileSync(certificate.cert, "utf8"));
    machine.write("/root/token", `${token}\n`);
    await machine.types("chmod 600 token");
    const ls = block("Behind nginx", "sh", "--url").replace(/^fleetty/, FLEETTY);
    assert.match(await machine.types(ls), /^build +running /m);
  });

  it("takes what is typed there, and shows what comes of it", async () => {
    const screen = await machine.types(`
      ${AFAR} new talk -- ${SAY}
      ${AFAR} wait talk --pattern ready --in screen
      since=$(${AFAR} send talk 'by hand\\n' --enter --json)
      ${AFAR} wait talk --pattern 'by hand' --since "$since"
      ${AFAR} screen talk`);
    assert.match(screen, /^talk\n.*\nready\nby hand$/s);
    attached = new Attached(machine.onTerminal(`${AFAR} attach talk`));
    await attached.shows("by hand");
    await attached.types("attached");
  });

  it("shuts out whoever guesses tokens, by their address, and nobody else", async () => {
    const sessions = `https://${NAME}/fleetty/sessions`;
    const from = `curl --silent --cacert ca.pem --interface ${STRANGER} --output /dev/null --write-out '%{http_code} '`;
    // A caller cannot pass for another one: nginx writes the address that it sees behind what the caller says.
    const guess = `${from} --header 'X-Forwarded-For: ${ADDRESS}' --header 'Authorization: Bearer wrong'`;
    assert.equal(await machine.types(`${guess} '${sessions}?[1-20]'`), "403 ".repeat(20).trim());
    assert.equal(await machine.types(`${from} --header "Authorization: Bearer $(cat token)" ${sessions}`), "429");
    assert.match(await machine.types(`${AFAR} ls`), /^build +running /m);
  });

  it("keeps every session, and who is attached, over a crash", async () => {
    await keepsAll("a crash", "systemctl kill --kill-who=main --signal=KILL fleetty");
  });

  it("keeps every session, and who is attached, over an upgrade", async () => {
    installRelease(machine.path("/opt/next"), "9.9.9");
    const link = "ln -sfn /opt/next/packages/cli/bin/fleetty /usr/local/bin/fleetty";
    await keepsAll("an upgrade", `${link} && systemctl restart fleetty`);
    assert.equal((await info()).version, "9.9.9");
    await attached.leaves();
  });

  it("speaks TLS itself, and is told of another certificate without a restart", async () => {
    const url = `https://${NAME}:7337`;
    const install = block("For others: TLS, names, limits", "sh");
    machine.write(CONFIG, block("For others: TLS, names, limits", "toml"));
    bring(certificate);
    await machine.types(install);
    assert.match(await machine.types(`${FLEETTY} --url ${url} --token-file token ls`), /^build +running /m);

    const pid = await shown("MainPID");
    bring(makeCertificate(folder.path, "renewed", [NAME]));
    await machine.types(replaced(install, { restart: "reload" }));
    const answers = async () => (await machine.tried(`curl --silent --cacert fullchain.pem ${url}/health`)).code === 0;
    await waitUntil("the other certificate is shown", answers);
    assert.equal(await shown("MainPID"), pid);
  });

  it("has told the journal of its starts, and of nobody's secrets", async () => {
    const journal = await machine.types("journalctl --unit=fleetty --output=cat");
    assert.equal(journal.split('"msg":"ready"').length - 1, 5);
    for (const secret of [machine.read(TOKEN).trim(), "by hand", "after a crash"])
      assert.equal(journal.includes(secret), false, `the journal has ${secret}`);
    assert.doesNotMatch(journal, /"level":[4-9]/);
  });

  async function keepsAll(sentence: string, doing: string): Promise<void> {
    const [{ server_id: before }, held] = [await info(), await programs()];
    assert.equal(held.length, 2);
    await machine.types(doing);
    const isAnother = () =>
      info().then(
        ({ server_id }) => server_id !== before,
        () => false,
      );
    await waitUntil("another server answers", isAnother);
    assert.deepEqual(await programs(), held);
    await attached.types(`after ${sentence}`);
    assert.deepEqual((await info()).conditions, []);
  }

  function bring({ cert, key }: CertificateFiles): void {
    machine.write("/root/fullchain.pem", readFileSync(cert, "utf8"));
    machine.write("/root/privkey.pem", readFileSync(key, "utf8"));
  }
});

/** Somebody at a terminal that shows a session whose program is `say`. */
class Attached {
  readonly #child: ChildProcess;
  #shown = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on("data", (piece: Buffer) => {
      this.#shown += piece.toString();
    });
  }

  async shows(text: string): Promise<void> {
    await waitUntil(`the terminal shows ${text}`, () => this.#shown.includes(text), { seen: () => this.#shown });
  }

  /** Resolves when the program has said it. */
  async types(text: string): Promise<void> {
    this.#child.stdin?.write(`${text}\\n\r`);
    await this.shows(text);
  }

  async leaves(): Promise<void> {
    this.#child.stdin?.end(DETACH);
    await this.shows("detached]");
  }
}
