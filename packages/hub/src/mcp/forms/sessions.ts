// Forms of the tools that list sessions, and that rename, tag, detach and end them.
import { onSession, sessionInfo, sessionRef } from "@fleetty/protocol/schemas/common";
import { list } from "@fleetty/protocol/schemas/sessions";
import * as z from "zod";
import { invalidParams } from "../arguments.ts";
import { type Asked, form } from "../tool.ts";

const { tag, server, on, include, attention } = list.input.shape;

const manage = z.object({
  ...onSession,
  action: z.enum(["kill", "rename", "detach", "add_tags", "remove_tags"]),
  new_name: z.string().optional().describe("with rename"),
  tags: z.array(z.string()).optional().describe("with add_tags and remove_tags"),
});

type Managed = z.output<typeof manage>;

export function sessionForms() {
  return {
    list_sessions: form({
      says: "List sessions of the whole fleet, or tell of one; what each wants is its attention.",
      input: z.object({
        session: sessionRef.optional().describe("this one alone"),
        tag,
        server,
        on,
        include,
        attention,
      }),
      output: z.array(sessionInfo),
      answer: listOrGet,
    }),
    manage_session: form({
      says: "End a session with all its processes (kill), rename or tag it, or send away who is attached to it.",
      input: manage,
      output: z.looseObject({
        status: z.enum(["killed", "renamed", "detached", "tags_added", "tags_removed"]),
        session: z.string().optional(),
        old_name: z.string().optional(),
        new_name: z.string().optional(),
        tags: z.array(z.string()).optional(),
      }),
      answer: (input, asked) => managing[input.action](input, asked),
    }),
  };
}

async function listOrGet({ session, ...among }: Record<string, unknown>, asked: Asked): Promise<unknown> {
  if (session === undefined) return asked.call("sessions.list", among);
  const { server, include } = among;
  const last =
    (include as readonly string[] | undefined)?.includes("unreachable") && ({ include: ["unreachable"] } as const);
  const about = { session: String(session), ...(server !== undefined && { server: String(server) }), ...last };
  return asked.call("sessions.get", about as { session: string });
}

const managing: Readonly<Record<Managed["action"], (input: Managed, asked: Asked) => Promise<unknown>>> = {
  kill: async ({ session, server }, asked) => {
    await asked.call("sessions.kill", { session, server });
    return { status: "killed", session };
  },
  rename: async ({ session, server, new_name: name }, asked) => {
    if (name === undefined) throw invalidParams("manage_session: rename needs new_name");
    await asked.call("sessions.update", { session, server, name });
    return { status: "renamed", old_name: session, new_name: name };
  },
  detach: async ({ session, server }, asked) => {
    await asked.call("sessions.detach", { session, server });
    return { status: "detached", session };
  },
  add_tags: async ({ session, server, ...given }, asked) => {
    const { tags } = await asked.call("sessions.update", { session, server, add_tags: tagsOf(given) });
    return { status: "tags_added", session, tags };
  },
  remove_tags: async ({ session, server, ...given }, asked) => {
    const { tags } = await asked.call("sessions.update", { session, server, remove_tags: tagsOf(given) });
    return { status: "tags_removed", session, tags };
  },
};

/** Throws ProtocolError. */
function tagsOf({ action, tags = [] }: Pick<Managed, "action" | "tags">): string[] {
  if (tags.length === 0) throw invalidParams(`manage_session: ${action} needs tags`);
  return tags;
}
