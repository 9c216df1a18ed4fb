// Holds what is kept of one member, in memory as on the disk. Changes are written one after the other, so that none takes off
// the disk again what another, asked for meanwhile, has put there.
import type { MemberRecord } from "../store/hub-store.ts";

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

  /** On the disk when it resolves; a change that the disk refuses is none. */
  change(changed: Partial<MemberRecord>): Promise<void> {
    const changing = this.#last.then(async () => {
      const record = { ...this.#now, ...changed };
      await this.#save(record);
      this.#now = record;
    });
    this.#last = changing.catch(() => {});
    return changing;
  }
}
