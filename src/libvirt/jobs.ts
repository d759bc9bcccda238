import type { Caller } from './caller.js';
import { procedures } from './procedures.js';
import type { ValueOf } from './codec.js';
import type { Domain, TypedParameters } from './wire-types.js';

/** `getInfo`'s result: `type` is a JobType, times are milliseconds, amounts bytes. */
export type JobInfo = ValueOf<typeof procedures.domainGetJobInfo.result>;

/** Long operations of a domain as a whole (save, dump, migration); those of one disk are `disks.getJob`. */
export class Jobs {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  getInfo(domain: Domain): Promise<JobInfo> {
    return this.#caller.call(procedures.domainGetJobInfo, { domain });
  }

  /** Like `getInfo`, by libvirt's names, of which newer daemons have more. @param flags - JobStatsFlag */
  getStats(domain: Domain, flags = 0): Promise<{ readonly type: number; readonly params: TypedParameters }> {
    return this.#caller.call(procedures.domainGetJobStats, { domain, flags });
  }

  /** Ends the job; the domain continues as before. */
  abort(domain: Domain): Promise<void> {
    return this.#caller.call(procedures.domainAbortJob, { domain });
  }
}
