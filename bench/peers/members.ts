// Many members of a fleet in a process of their own: they cost the hub what real ones do, and the machine next to nothing.
import { EmulatedMembers, type Numbers } from "../../tests/harness/emulated-members.ts";
import { ready } from "../parent.ts";

/** One session of one member. */
interface Place {
  readonly member: number;
  readonly session: number;
}

export interface MembersOrder {
  readonly listen?: Numbers;
  /** It answers nothing from now on. */
  readonly freeze?: number;
  /** Whoever waits for it is answered from now on. */
  readonly settle?: Place;
  readonly unsettle?: Place;
}

export interface MembersAnswer {
  /** Where they are: `http://127.0.0.1:<port>/m-<n>`. */
  readonly port: number;
}

let members: EmulatedMembers;

function waitsOf({ member, session }: Place, become: "settle" | "unsettle"): void {
  const { waits, sessions } = members.member(member);
  const info = sessions[session];
  if (!info) throw new Error(`m-${member} has no session ${session}`);
  waits[become](info);
}

ready(async ({ listen, freeze, settle, unsettle }: MembersOrder): Promise<MembersAnswer> => {
  if (listen) members = await EmulatedMembers.listen(listen);
  if (freeze !== undefined) members.member(freeze).isFrozen = true;
  if (settle) waitsOf(settle, "settle");
  if (unsettle) waitsOf(unsettle, "unsettle");
  return { port: members.port };
});
