// The operations on overlays, panels and modes that a session host answers, each in the words of the session's elements. They
// are there as long as the session lives.
import type { Elements } from "../elements/elements.ts";
import type { Handlers } from "./handler-table.ts";
import type { Host } from "./host.ts";

/** Throws `session_not_found` and `session_exited`. */
function of(host: Host, id: string): Elements {
  const session = host.session(id);
  session.running();
  return session.elements;
}

export const elementHandlers = {
  "sessions.overlays.list": (host, { session }) => of(host, session).overlays(),
  "sessions.overlays.create": (host, { session, server: _, x, y, width, height, ...wish }) =>
    of(host, session).add("overlay", wish, { x, y, width, height }),
  "sessions.overlays.clear": (host, { session }) => of(host, session).clear("overlay"),
  "sessions.overlays.get": (host, { session, id }) => of(host, session).overlay(id),
  "sessions.overlays.replace": (host, { session, id, spans }) => of(host, session).change("overlay", id, { spans }),
  "sessions.overlays.patch": (host, { session, server: _, id, ...change }) =>
    of(host, session).change("overlay", id, change),
  "sessions.overlays.remove": (host, { session, id }) => of(host, session).remove("overlay", id),
  "sessions.overlays.spans": (host, { session, id, spans }) => of(host, session).repaint("overlay", id, { spans }),
  "sessions.overlays.write": (host, { session, id, writes }) => of(host, session).repaint("overlay", id, { writes }),
  "sessions.panels.list": (host, { session }) => of(host, session).panels(),
  "sessions.panels.create": (host, { session, server: _, position, height, ...wish }) =>
    of(host, session).add("panel", wish, { position, height }),
  "sessions.panels.clear": (host, { session }) => of(host, session).clear("panel"),
  "sessions.panels.get": (host, { session, id }) => of(host, session).panel(id),
  "sessions.panels.replace": (host, { session, server: _, id, ...change }) =>
    of(host, session).change("panel", id, change),
  "sessions.panels.patch": (host, { session, server: _, id, ...change }) =>
    of(host, session).change("panel", id, change),
  "sessions.panels.remove": (host, { session, id }) => of(host, session).remove("panel", id),
  "sessions.panels.spans": (host, { session, id, spans }) => of(host, session).repaint("panel", id, { spans }),
  "sessions.panels.write": (host, { session, id, writes }) => of(host, session).repaint("panel", id, { writes }),
  "sessions.batch_update": (host, { session, element, id, spans, writes }) =>
    of(host, session).repaint(element, id, { spans, writes }),
  "sessions.input_mode": (host, { session }) => ({ mode: of(host, session).inputMode }),
  "sessions.capture": (host, { session }) => of(host, session).setInputMode("capture"),
  "sessions.release": (host, { session }) => of(host, session).release(),
  "sessions.focus_get": (host, { session }) => ({ focused: of(host, session).focused }),
  "sessions.focus": (host, { session, id }) => of(host, session).focus(id),
  "sessions.unfocus": (host, { session }) => of(host, session).unfocus(),
  "sessions.screen_mode": (host, { session }) => ({ mode: of(host, session).screenMode }),
  "sessions.enter_alt": (host, { session }) => of(host, session).enterAlt(),
  "sessions.exit_alt": (host, { session }) => of(host, session).exitAlt(),
} satisfies Handlers;
