import { request } from "node:http";
import { WebSocket } from "ws";

const sock = "/tmp/fx/r/fleetty/default.http.sock";
const post = (path: string, body: object) =>
  new Promise<any>((r) => {
    const q = request(
      { socketPath: sock, path, method: "POST", headers: { "content-type": "application/json" } },
      (s) => {
        let t = "";
        s.on("data", (d) => (t += d));
        s.on("end", () => r(JSON.parse(t)));
      },
    );
    q.end(JSON.stringify(body));
  });
const pace = process.argv[2] === "pace";
const mb = Number(process.argv[3] ?? 50);
const s = await post("/sessions", { argv: ["/tmp/bb/flood", String(mb)] });
console.log(s.name);
const ws = new WebSocket(
  `ws+unix:${sock}:/sessions/${s.id}/ws/raw?snapshot=1${pace ? "&pace=1" : ""}`,
  "fleetty.stream.v1",
);
let bytes = 0,
  gaps = 0,
  frames = 0,
  snaps = 0,
  end = 0,
  undeclared = 0,
  t0 = 0;
ws.on("message", (d: Buffer, bin) => {
  if (!bin) {
    const f = JSON.parse(d.toString());
    if (f.type === "gap") {
      gaps += f.to - f.from;
      if (f.from !== end) undeclared++;
      end = f.to;
    } else if (f.type === "exit") {
      console.log(f);
      const dt = (performance.now() - t0) / 1000;
      console.log({ pace, bytes, gaps, frames, snaps, undeclared, end, mbs: f.offset / 1e6 / dt });
    }
    return;
  }
  const off = Number(d.readBigUInt64BE(8));
  if (d[0] === 1) {
    if (!t0) t0 = performance.now();
    frames++;
    if (off !== end) {
      undeclared++;
      console.log("hole", off, end);
    }
    bytes += d.length - 16;
    end = off + d.length - 16;
  } else {
    snaps++;
    end = off;
  }
  ws.send(JSON.stringify({ type: "credit", ch: 0, upto: end }));
});
ws.on("close", (c, r) => console.log("close", c, r.toString()));
