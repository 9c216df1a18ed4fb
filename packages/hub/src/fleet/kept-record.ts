// Holds what is kept of one server, in memory as on the disk. Changes are written one after the other, so that none takes off
// the disk again what another, asked for meanwhile, has put there.
import type { MemberRecord } from "../store/hub-store.ts";

/** What is undefined stays as it is. */
export type RecordChange<Kept> = { readonly [Key in keyof Kept]?: Kept[Key] | undefined };

export type MemberChange = RecordChange<MemberRecord>;

export class KeptRecord<Kept extends object> {
  readonly #save: (record: Kept) => Promise<void>;
  #now: Kept;
  #last: Promise<void> = Promise.resolve();

  constructor(record: Kept, save: (record: Kept) => Promise<void>) {
    this.#now = record;
    this.#save = save;
  }

  get now(): Kept {
    return this.#now;
  }

  /** On the disk when it resolves, by `save` where it is not kept like others; a change that the disk refuses is none. */
  change(changed: RecordChange<Kept>, save = this.#save): Promise<void> {
    const changing = this.#last.then(async () => {
      const record = { ...this.#now, ...given(changed) };
      await save(record);
      this.#now = record;
    });
    this.#last = changing.catch(() => {});
    return changing;
  }
}

export class KeptMember extends KeptRecord<MemberRecord> {
  /** What a greeting in its name is judged by. `isKeyRevoked`: the key of the greeting is refused, whoever has it. */
  asGreeted(isKeyRevoked: boolean) {
    const { server: pinnedServer, key: pinnedKey, name, revoked, approved: isApproved } = this.now;
    return { pinnedServer, pinnedKey, name, isRevoked: revoked || isKeyRevoked, isApproved };
  }
}

function given<Kept extends object>(change: RecordChange<Kept>): Partial<Kept> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<Kept>;
}
