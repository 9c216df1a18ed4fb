// Forms of the tools on the servers of a fleet, in the words of the older public API: who asks is no member of its own fleet.
import * as servers from "@fleetty/protocol/schemas/servers";
import * as z from "zod";
import { type Asked, form } from "../tool.ts";

const ref = servers.get.input.shape.ref;
const { address, token, name, labels } = servers.add.input.shape;
const { labels: newLabels, cordoned, draining } = servers.update.input.shape;
/** What its link went through is long, and for operators. */
const { link_log: _log, ...known } = servers.get.output.shape;
const { server: _server, ...claims } = servers.capabilities.output.shape;

export function serverForms() {
  return {
    list_servers: form({
      says: "List the servers of the fleet: local_hostname is the one that you ask, servers are its members.",
      input: z.object({}),
      output: z.looseObject({ local_hostname: z.string(), servers: z.array(servers.server) }),
      answer: async (_, asked) => listServers(asked),
    }),
    add_server: form({
      says: "Add a server to the fleet by its address; it is dialled from now on, and `server_status` says when it is healthy.",
      input: z.object({ address, token, name, labels }),
      output: z.looseObject({ status: z.literal("added"), ...servers.add.output.shape }),
      answer: async (input, asked) => ({ status: "added", ...(await asked.call("servers.add", input)) }),
    }),
    remove_server: form({
      says: "Remove a server from the fleet; its sessions live on there.",
      input: z.object({ hostname: ref }),
      output: z.looseObject({ status: z.literal("removed"), hostname: z.string() }),
      answer: async ({ hostname }, asked) => {
        await asked.call("servers.remove", { ref: hostname });
        return { status: "removed", hostname };
      },
    }),
    server_status: form({
      says: "Say how a server of the fleet is, and with capabilities what its machine has to offer.",
      input: z.object({
        hostname: ref,
        capabilities: z.boolean().optional().describe("also say what its machine has to offer"),
      }),
      output: z.looseObject({ ...known, capabilities: z.looseObject(claims).optional() }),
      answer: serverStatus,
    }),
    update_server: form({
      says: "Label a server, cordon it so that it takes no new sessions, or drain it so that it becomes empty.",
      input: z.object({ server: ref, labels: newLabels, cordoned, draining }),
      output: servers.server,
      answer: ({ server, ...changes }, asked) => asked.call("servers.update", { ref: server, ...changes }),
    }),
  };
}

async function listServers(asked: Asked): Promise<unknown> {
  const all = await asked.call("servers.list", {});
  const { hostname } = await asked.call("server.info", {});
  return { local_hostname: hostname, servers: all.filter(({ link }) => link !== "local") };
}

async function serverStatus(input: { hostname: string; capabilities?: boolean | undefined }, asked: Asked) {
  const { link_log: _log, ...server } = await asked.call("servers.get", { ref: input.hostname });
  if (!input.capabilities) return server;
  const { server: _, ...offers } = await asked.call("servers.capabilities", { ref: input.hostname });
  return { ...server, capabilities: offers };
}
