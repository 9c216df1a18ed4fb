// Tells the service manager that started the server that it is ready, so that `systemctl start` ends when commands are
// answered: one datagram, as sd_notify(3) has it, through node:ffi, since Node has no datagrams on unix sockets. Knows no
// server; decides nothing.

/** <bits/socket.h>, <bits/socket_type.h>: the same on Linux x64 and arm64. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
/** unix(7): the family, then the path, of 108 bytes at most. */
const FAMILY_BYTES = 2;
const PATH_MAX_BYTES = 108;

const SIGNATURES = {
  socket: { return: "i32", arguments: ["i32", "i32", "i32"] },
  connect: { return: "i32", arguments: ["i32", "buffer", "u32"] },
  send: { return: "i64", arguments: ["i32", "buffer", "u64", "i32"] },
  close: { return: "i32", arguments: ["i32"] },
} as const;

const MESSAGE = Buffer.from("READY=1");

/** `path` is that of `$NOTIFY_SOCKET`; one that begins with @ is abstract. Throws when nobody hears. */
export function tellReady(path: string): void {
  const address = addressOf(path);
  const ffi = process.getBuiltinModule("node:ffi");
  if (process.platform !== "linux" || !ffi) throw new Error("no datagram can be sent from here");
  const { socket, connect, send, close } = ffi.dlopen(null, SIGNATURES).functions;
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new Error("the system gives no socket");
  try {
    if (connect(fd, address, address.byteLength) !== 0) throw new Error(`nobody listens on ${path}`);
    const sent = send(fd, MESSAGE, BigInt(MESSAGE.byteLength), 0);
    if (Number(sent) !== MESSAGE.byteLength) throw new Error(`${path} does not take it`);
  } finally {
    close(fd);
  }
}

/** A `struct sockaddr_un`, no longer than its path. */
function addressOf(path: string): Buffer {
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : path);
  if (!/^[@/]./.test(path) || name.byteLength >= PATH_MAX_BYTES) throw new Error(`${path} is no unix socket`);
  const address = Buffer.alloc(FAMILY_BYTES + name.byteLength);
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, FAMILY_BYTES);
  return address;
}
