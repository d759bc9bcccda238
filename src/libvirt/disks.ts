import type { Caller } from './caller.js';
import { BlockResizeFlag } from './flags.js';
import { procedures } from './procedures.js';
import type { Domain } from './wire-types.js';

/** Most disks that `getErrors` asks for (REMOTE_DOMAIN_DISK_ERRORS_MAX). */
const ERRORS_MAX = 256;

/** A job on one disk. */
export interface BlockJob {
  /** BlockJobType */
  readonly type: number;
  /** MiB/s, or bytes/s where that was asked for; 0 without a limit. */
  readonly bandwidth: bigint;
  /** Of `end`; the same when all is done. */
  readonly current: bigint;
  readonly end: bigint;
}

/** What `commit` merges: the layers from `top` down to `base`; without them from the second down to the lowest. */
export interface CommitRange {
  readonly base?: string | undefined;
  readonly top?: string | undefined;
}

/** Disks of domains. `disk` is a target (`vda`) or the path of its source. */
export class Disks {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Announces a disk's new size to a running guest, and grows its image. @param size - bytes */
  resize(domain: Domain, disk: string, size: bigint): Promise<void> {
    return this.#caller.call(procedures.domainBlockResize, { domain, disk, size, flags: BlockResizeFlag.BYTES });
  }

  /** A disk's sizes in bytes. */
  getInfo(
    domain: Domain,
    disk: string,
  ): Promise<{ readonly allocation: bigint; readonly capacity: bigint; readonly physical: bigint }> {
    return this.#caller.call(procedures.domainGetBlockInfo, { domain, path: disk, flags: 0 });
  }

  /** Disks of a running domain that had errors; `error` is a DiskError. */
  async getErrors(domain: Domain): Promise<readonly { readonly disk: string; readonly error: number }[]> {
    const count = await this.#caller.call(procedures.domainGetDiskErrors, { domain, max: 0, flags: 0 });
    // Asked for none, the daemon answers how many it might have.
    if (count.count === 0) return [];
    const args = { domain, max: Math.min(count.count, ERRORS_MAX), flags: 0 };
    return (await this.#caller.call(procedures.domainGetDiskErrors, args)).errors;
  }

  /** Bytes of a disk as the guest sees it, at most 4 MiB at a time. */
  async peek(domain: Domain, disk: string, offset: bigint, size: number): Promise<Uint8Array> {
    const args = { domain, path: disk, offset, size, flags: 0 };
    return (await this.#caller.call(procedures.domainBlockPeek, args)).data;
  }

  /** The job on a disk; undefined when there is none. @param flags - BlockJobInfoFlag */
  async getJob(domain: Domain, disk: string, flags = 0): Promise<BlockJob | undefined> {
    const { found, ...job } = await this.#caller.call(procedures.domainGetBlockJobInfo, { domain, path: disk, flags });
    return found ? job : undefined;
  }

  /** Ends the job on a disk; with PIVOT the domain continues on the copy. @param flags - BlockJobAbortFlag */
  abortJob(domain: Domain, disk: string, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainBlockJobAbort, { domain, path: disk, flags });
  }

  /** @param bandwidth - MiB/s; 0 without a limit */
  setJobSpeed(domain: Domain, disk: string, bandwidth: bigint): Promise<void> {
    return this.#caller.call(procedures.domainBlockJobSetSpeed, { domain, path: disk, bandwidth, flags: 0 });
  }

  /**
   * Copies what is in a disk's backing files into the disk; `blockJob` events report the progress. @param bandwidth -
   * MiB/s
   */
  pull(domain: Domain, disk: string, bandwidth = 0n): Promise<void> {
    return this.#caller.call(procedures.domainBlockPull, { domain, path: disk, bandwidth, flags: 0 });
  }

  /** Like `pull`, but keeps the backing file `base` and what is below it. */
  rebase(domain: Domain, disk: string, base: string, bandwidth = 0n, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainBlockRebase, { domain, path: disk, base, bandwidth, flags });
  }

  /**
   * Merges layers of a disk into one below them; `blockJob` events report the progress. @param flags - BlockCommitFlag
   */
  commit(domain: Domain, disk: string, { base, top }: CommitRange = {}, bandwidth = 0n, flags = 0): Promise<void> {
    return this.#caller.call(procedures.domainBlockCommit, { domain, disk, base, top, bandwidth, flags });
  }
}
