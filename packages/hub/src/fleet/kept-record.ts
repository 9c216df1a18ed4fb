// Holds what is kept of one member, in memory as on the disk. Changes are written one after the other, so that none takes off
// the disk again what another, asked for meanwhile, has put there.
import type { MemberRecord } from "../store/hub-store.ts";

/** What is undefined stays as it is. */
export type MemberChange = { readonly [Key in keyof MemberRecord]?: MemberRecord[Key] | undefined };

export class KeptRecord {
  readonly #save: (record: MemberRecord) => Promise<void>;
  #now: MemberRecord;
  #last: Promise<void> = Promise.resolve();

  constructor(record: MemberRecord, save: (record: MemberRecord) => Promise<void>) {
    this.#now = record;
    this.#save = save;
  }

  get now(): MemberRecord {
    return this.#now;
  }

  /** What a greeting in its name is judged by. `isKeyRevoked`: the key of the greeting is refused, whoever has it. */
  asGreeted(isKeyRevoked: boolean) {
    const { server: pinnedServer, key: pinnedKey, name, revoked, approved: isApproved } = this.#now;
    return { pinnedServer, pinnedKey, name, isRevoked: revoked || isKeyRevoked, isApproved };
  }

  /** On the disk when it resolves, by `save` where it is not kept like others; a change that the disk refuses is none. */
  change(changed: MemberChange, save = this.#save): Promise<void> {
    const changing = this.#last.then(async () => {
      const record = { ...this.#now, ...given(changed) };
      await save(record);
      this.#now = record;
    });
    this.#last = changing.catch(() => {});
    return changing;
  }
}

function given(change: MemberChange): Partial<MemberRecord> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
