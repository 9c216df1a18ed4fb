// Asks servers which of them have a program, as it is now: for placement, which says of the others why not. Decides nothing
// beyond that, and caches nothing: each server looks along the PATH of its sessions, which takes it a millisecond.
import { plainAnswer } from "@fleetty/protocol/link";
import { hubCall } from "../sessions/hub-call.ts";
import type { FleetView } from "./fleet-view.ts";

/** One that is slow to say what it has would be slow to start anything. */
const ANSWER_WITHIN_MS = 2_000;

/** By id: why a healthy server lacks it. Who has it is not in there, and neither is who cannot be asked. Never rejects. */
export async function serversWithout(tool: string, view: FleetView): Promise<ReadonlyMap<string, string>> {
  const healthy = view.servers.filter(({ health }) => health === "healthy");
  const found = await Promise.all(healthy.map(async ({ id }) => [id, await whyWithout(tool, id, view)] as const));
  return new Map(found.filter((one): one is readonly [string, string] => one[1] !== null));
}

async function whyWithout(tool: string, id: string, view: FleetView): Promise<string | null> {
  try {
    const call = { ...hubCall(), deadlineMs: ANSWER_WITHIN_MS };
    const { tools = [] } = plainAnswer(await view.server(id).port.call("worker.capabilities", { tools: [tool] }, call));
    return tools.some(({ name }) => name === tool) ? null : `tool ${tool} missing`;
  } catch {
    return `has not said whether it has ${tool}`;
  }
}
