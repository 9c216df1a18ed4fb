// A machine of a test's own, as an operator has it: this one's Debian, with nothing configured and nothing running, under a
// systemd of its own as process 1, with its own network. What is changed there is in memory and gone at its end.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Container, MANAGER, MOUNT_CGROUPS, type Ran, whyNoContainer } from "./container.ts";
import { makeHome } from "./folders.ts";

/** Where the machine has this repository, to be read only. */
export const INSTALLED = "/opt/fleetty";
/** Its address to the world, and that of a caller from there (RFC 5737). */
export const ADDRESS = "192.0.2.1";
export const STRANGER = "198.51.100.7";

/** Also seen there, for other releases, which have their packages from it. */
const HERE = resolve(import.meta.dirname, "../..");

/** Services of this machine's Debian that have no part in a story. */
const MASKED = ["getty.target", "systemd-logind.service", "systemd-sysctl.service", "systemd-modules-load.service"];
const DEVICES = "null zero full random urandom tty";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Everything of the root is seen through an overlay; what is the kernel's cannot be changed from there. */
const OVERLAY = `
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
${MOUNT_CGROUPS}
`;

const BEGIN = `${OVERLAY}
for folder in dev run tmp etc/systemd/system; do mount -t tmpfs tmpfs $folder; done
chmod 1777 tmp
mkdir dev/pts dev/shm
for name in ${DEVICES}; do : > dev/$name; mount --bind /dev/$name dev/$name; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for folder in ${INSTALLED} ${HERE}; do
  mkdir -p .$folder
  mount --bind ${HERE} .$folder
  mount -o remount,ro,bind .$folder
done
for name in ${MASKED.join(" ")}; do ln -s /dev/null etc/systemd/system/$name; done
ip link set lo up
for address in ${ADDRESS} ${STRANGER}; do ip address add $address dev lo; done
pivot_root . mnt
umount -l /mnt
exec env -i container=test PATH=${PATH} ${MANAGER} --system --unit=multi-user.target
`;

const NAMESPACES = ["--net", "--uts", "--ipc"];

/** Why no such machine can be made here; false when it can. */
export function whyNoMachine(): string | false {
  return whyNoContainer(OVERLAY, NAMESPACES);
}

export class Machine {
  readonly #container: Container;
  readonly #home = makeHome();

  private constructor() {
    const env = { PATH, HOME: "/root", LANG: "C.UTF-8" };
    this.#container = new Container({ folder: this.#home.root, namespaces: NAMESPACES, begin: BEGIN, env });
  }

  /** Resolves when it has come up. */
  static async start(): Promise<Machine> {
    const machine = new Machine();
    return machine.#container.comeUp(machine, true);
  }

  /** A file of the machine, as this one reaches it. */
  path(file: string): string {
    return `/proc/${this.#container.init}/root${file}`;
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
  }

  /** Starts a command there as root, in a terminal that hands on what is typed and shown. */
  onTerminal(command: string) {
    return this.#container.spawn(["script", "-qec", `cd && ${command}`, "/dev/null"]);
  }

  /** What root types into its shell there, which ends at the first line that fails; resolves whatever its exit code. */
  tried(commands: string): Promise<Ran> {
    return this.#container.run(["bash", "-ec", `cd\n${commands}`]);
  }

  /** The same, of what has to succeed; resolves with what it printed. */
  async types(commands: string): Promise<string> {
    const { code, stdout, stderr } = await this.tried(commands);
    if (code !== 0) throw new Error(`${commands}\nended with ${code}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container[Symbol.asyncDispose]();
    this.#home.remove();
  }
}
