import { DomainError } from './error.js';

/** A node's CPUs by NUMA cell, as sysfs shows them. */
export interface HostCpuCell {
  /** The kernel's number of it. Absent: its place in the list. */
  readonly id?: number;
  readonly cpus: readonly {
    readonly id: number;
    /** The threads of its core, itself among them. */ readonly siblings: readonly number[];
  }[];
}

/** The CPUs that a VM's pod has for itself, and what is known of the node's. */
export interface ExclusiveCpus {
  readonly cells: readonly HostCpuCell[];
  readonly allowed: readonly number[];
}

/** One NUMA cell's part of the pool. */
interface Cell {
  /** Cores with as many free threads as a core of the guest has. */
  full: number[][];
  /** Single threads. */
  fragments: number[];
}

/**
 * Gives out exclusive CPUs: whole cores of the host for cores of the guest first, so that threads of a guest's core are
 * threads of one core; then what is left, cell by cell; then across cells. Source: docs/reference/domain.md §1.7.
 */
export class CpuPool {
  private readonly cells: Cell[];

  /** @param threads of one core of the guest */
  constructor(
    { cells, allowed }: ExclusiveCpus,
    private readonly threads: number,
  ) {
    const free = new Set(allowed);
    this.cells = cells.map(({ cpus }) => {
      const cell: Cell = { full: [], fragments: [] };
      for (const { id, siblings } of cpus) {
        if (!free.has(id)) continue;
        const core = (siblings.length > 0 ? siblings : [id]).filter((sibling) => free.has(sibling));
        for (const thread of core) free.delete(thread);
        if (core.length >= threads) cell.full.push([...core]);
        else cell.fragments.push(...core);
      }
      return cell;
    });
    // Of CPUs that no cell knows nothing is known but that they are ours.
    if (free.size > 0) this.cells.push({ full: [], fragments: [...free] });
  }

  /** The CPUs of so many cores of the guest, thread by thread. @throws DomainError when there are too few */
  takeCores(count: number): number[] {
    const taken: number[] = [];
    const wanted = count * this.threads;
    for (const cell of this.cells)
      while (taken.length < wanted && cell.full.length > 0) taken.push(...this.fromCore(cell, this.threads));
    for (const { fragments } of this.cells)
      while (taken.length < wanted && fragments.length >= this.threads)
        taken.push(...fragments.splice(0, this.threads));
    for (const { fragments } of this.cells) taken.push(...fragments.splice(0, wanted - taken.length));
    if (taken.length >= wanted) return taken;
    throw tooFew(`${count} cores of ${this.threads} threads`);
  }

  /** Threads of the cell's first whole core; what is left of it is one still, or fragments. */
  private fromCore(cell: Cell, threads: number): number[] {
    const [core = [], ...others] = cell.full;
    const [mine, rest] = [core.slice(0, threads), core.slice(threads)];
    cell.full = rest.length >= this.threads ? [rest, ...others] : others;
    if (rest.length < this.threads) cell.fragments.push(...rest);
    return mine;
  }

  /** One CPU for a thread that is no vCPU. @throws DomainError when none is left */
  takeThread(purpose: string): number {
    for (const cell of this.cells) {
      const thread = cell.fragments.shift() ?? this.fromCore(cell, 1)[0];
      if (thread !== undefined) return thread;
    }
    throw tooFew(purpose);
  }
}

const tooFew = (what: string): DomainError =>
  new DomainError(
    'NotSupported',
    `the pod has not enough CPUs of its own for ${what}: is the CPU manager of the node's kubelet still static?`,
    'spec.domain.cpu.dedicatedCpuPlacement',
  );
