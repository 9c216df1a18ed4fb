// Holds what a session host says of itself in host.json, for whoever wants to dial it or to know whether it lives.

export interface HostRecord {
  readonly id: string;
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/<pid>/stat): with pid and boot id it names one process for ever. */
  readonly start_time: number;
  readonly boot_id: string;
  readonly version: string;
  readonly protocol: number;
  readonly socket: string;
  /** It takes no new sessions and goes with its last one. */
  readonly retiring?: boolean;
}
