// Decides which sessions of the fleet one wait is about: those of certain servers, with certain tags, of certain names, all of
// it together. What a server set means is looked at again when servers, labels or tags have changed. Asks nobody.
import { FleettyError } from "@fleetty/protocol/errors";
import type { SeenSession } from "../fleet/fleet-sessions.ts";
import type { Destination, FleetView } from "../fleet/fleet-view.ts";
import type { Member } from "../fleet/member.ts";
import { isItself } from "../fleet/member-health.ts";

export interface SelectionAsked {
  readonly server?: string | undefined;
  readonly on?: string | undefined;
  /** Any of these; none is no filter. */
  readonly tags?: readonly string[] | undefined;
  /** Names, ids, or either behind `host/`. */
  readonly sessions?: readonly string[] | undefined;
  /** Any of these; asked once, when a session would join. */
  readonly attention?: readonly string[] | undefined;
}

export class Selection {
  readonly #see: () => FleetView;
  readonly #asked: SelectionAsked;
  readonly #tags: readonly string[];
  readonly #references: ReadonlySet<string> | null;
  #view: FleetView;
  #servers: readonly Destination[];

  /** `see`: the fleet as the caller may see it just now. Throws `invalid_request`, `invalid_selector`, `server_not_found`. */
  constructor(see: () => FleetView, asked: SelectionAsked) {
    this.#see = see;
    this.#asked = asked;
    this.#tags = asked.tags?.filter((tag) => tag !== "") ?? [];
    this.#references = asked.sessions ? new Set(asked.sessions.map((text) => text.replace(/%2[Ff]/, "/"))) : null;
    this.#view = see();
    this.#servers = this.#chosen();
  }

  /** Servers, labels or tags have changed. One that is named and has gone selects nothing more. */
  refresh(): void {
    this.#view = this.#see();
    try {
      this.#servers = this.#chosen();
    } catch (thrown) {
      if (!(thrown instanceof FleettyError)) throw thrown;
      const seen = new Set(this.#view.everywhere.map(({ member }) => member));
      this.#servers = this.#servers.filter(({ member }) => seen.has(member));
    }
  }

  /** Whether a change of any session may change what is selected. */
  get followsTags(): boolean {
    return this.#asked.on?.includes("#") ?? false;
  }

  /** The servers that are selected, whatever their health. */
  get servers(): readonly Destination[] {
    return this.#servers;
  }

  /** Whether the caller may see it. */
  sees(info: SeenSession["info"]): boolean {
    return this.#view.sees(info);
  }

  includes({ info, member }: SeenSession): boolean {
    if (!this.sees(info) || !this.#servers.some((server) => server.member === member)) return false;
    if (this.#tags.length > 0 && !info.tags.some((tag) => this.#tags.includes(tag))) return false;
    return this.#references === null || this.naming({ info, member }) !== null;
  }

  /** Whether a session that is included and not there yet is to join by what it wants just now. */
  joins({ info }: SeenSession): boolean {
    return this.#asked.attention?.includes(info.attention) ?? true;
  }

  /** How a reference means it; null where none does. */
  naming({ info: { id, name, server }, member }: Pick<SeenSession, "info" | "member">): "id" | "name" | null {
    const references = this.#references;
    if (references === null) return null;
    const hosts = ["", `${server}/`, `${member ? member.id : "local"}/`];
    const isNamed = (text: string) => hosts.some((host) => references.has(host + text));
    return isNamed(id) ? "id" : isNamed(name) ? "name" : null;
  }

  /** Names of servers that are selected and cannot be asked just now. */
  get unreachable(): readonly string[] {
    const isAway = (member: Member | null) => member !== null && isItself(member) && member.health !== "healthy";
    return this.#servers.filter(({ member }) => isAway(member)).map(({ server }) => server);
  }

  #chosen(): readonly Destination[] {
    const { server, on } = this.#asked;
    return this.#view.choose({ server, on });
  }
}
