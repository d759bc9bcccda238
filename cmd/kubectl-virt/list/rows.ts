import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { findCondition, isTrue } from '../../../src/api/vmi/condition.js';
import { isDeleting, isFinal, phaseOf } from '../../../src/api/vmi/phase.js';
import { whyNotRunning } from '../client/why-not-running.js';

/** How the last instance of a VM ended. */
interface Termination {
  readonly reason?: string;
  readonly message?: string;
  readonly time?: string;
}

/** One virtual machine as `list` shows it, and prints it as JSON. */
export interface Row {
  readonly namespace: string;
  readonly name: string;
  /** An instance that no VM has: by hand, or of a replica set. */
  readonly kind: 'VirtualMachine' | 'VirtualMachineInstance';
  readonly status: string;
  /** Why it is not as it should be, in a sentence. */
  readonly reason?: string;
  readonly ip?: string;
  readonly ips?: readonly string[];
  readonly node?: string;
  readonly created?: string;
  readonly pendingRestart: boolean;
  readonly lastTermination?: Termination;
}

/** Of one guest that invents addresses without end. */
const MAX_ADDRESSES = 16;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A guest that has ended has no address any more; where it was helps. */
const placeOf = (vmi: VirtualMachineInstance | undefined): Partial<Row> => {
  const cards = (vmi === undefined || isFinal(vmi) ? [] : (vmi.status?.interfaces ?? [])).slice(0, MAX_ADDRESSES);
  const ips = cards.flatMap(({ ipAddress, ipAddresses }) => ipAddresses ?? ipAddress ?? []).slice(0, MAX_ADDRESSES);
  const ip = text(cards[0]?.ipAddress) ?? ips[0];
  const node = text(vmi?.status?.nodeName);
  return { ...(ip === undefined ? {} : { ip, ips }), ...(node === undefined ? {} : { node }) };
};

const terminationOf = (last: Termination | undefined): Partial<Row> =>
  last === undefined
    ? {}
    : {
        lastTermination: {
          ...(text(last.reason) === undefined ? {} : { reason: last.reason }),
          ...(text(last.message) === undefined ? {} : { message: last.message }),
          ...(text(last.time) === undefined ? {} : { time: last.time }),
        },
      };

const identityOf = ({ metadata }: VirtualMachine | VirtualMachineInstance) => ({
  namespace: metadata?.namespace ?? '',
  name: metadata?.name ?? '',
  ...(metadata?.creationTimestamp == null ? {} : { created: metadata.creationTimestamp }),
});

/** What runs, or nothing, needs no reason. */
const QUIET = ['Running', 'Stopped'];

const rowOfMachine = (vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): Row => {
  const status = vm.status?.printableStatus ?? 'Unknown';
  const why = findCondition(vm.status?.conditions, 'Failure');
  const reason = QUIET.includes(status) ? (why?.status === 'True' ? text(why.message) : undefined) : whyNotRunning(vm);
  return {
    ...identityOf(vm),
    kind: 'VirtualMachine',
    status,
    ...(reason === undefined ? {} : { reason }),
    ...placeOf(vmi),
    pendingRestart: isTrue(vm.status?.conditions, 'RestartRequired'),
    ...terminationOf(vm.status?.lastTermination),
  };
};

const instanceStatus = (vmi: VirtualMachineInstance): string => {
  if (isDeleting(vmi)) return 'Terminating';
  const phase = phaseOf(vmi);
  return phase === 'Running' && isTrue(vmi.status?.conditions, 'Paused') ? 'Paused' : phase;
};

const rowOfInstance = (vmi: VirtualMachineInstance): Row => {
  const reason = phaseOf(vmi) === 'Running' ? undefined : whyNotRunning({ status: vmi.status ?? {} });
  return {
    ...identityOf(vmi),
    kind: 'VirtualMachineInstance',
    status: instanceStatus(vmi),
    ...(reason === undefined ? {} : { reason }),
    ...placeOf(vmi),
    pendingRestart: false,
  };
};

interface Named {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}

/** By namespace and name, as the API server sorts its lists. */
const keyOf = ({ metadata }: Named): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

/** A list that is read as far as it is needed: a page is held at a time. */
class Cursor<Item extends Named> {
  readonly #pages: AsyncIterator<readonly Item[]>;
  #page: readonly Item[] = [];
  #index = 0;
  #ended = false;

  constructor(pages: AsyncIterable<readonly Item[]>) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  async head(): Promise<Item | undefined> {
    while (this.#index >= this.#page.length && !this.#ended) {
      const { value, done } = (await this.#pages.next()) as IteratorResult<readonly Item[], undefined>;
      this.#ended = done === true;
      this.#page = value ?? [];
      this.#index = 0;
    }
    return this.#page[this.#index];
  }

  take(): void {
    this.#index += 1;
  }

  /** Whether it has this key; what comes before it is left behind. */
  async reaches(key: string): Promise<boolean> {
    for (let head = await this.head(); head !== undefined; head = await this.head()) {
      if (keyOf(head) >= key) return keyOf(head) === key;
      this.take();
    }
    return false;
  }
}

export interface Lists {
  readonly machines: AsyncIterable<readonly VirtualMachine[]>;
  readonly instances: AsyncIterable<readonly VirtualMachineInstance[]>;
  /** The instances that are chosen by their own labels; undefined: all. */
  readonly chosen: AsyncIterable<readonly Named[]> | undefined;
}

const belongsTo = (vmi: VirtualMachineInstance, vm: VirtualMachine): boolean =>
  (vmi.metadata?.ownerReferences ?? []).some(({ uid }) => uid === vm.metadata?.uid);

/** VMs with their instances, and instances that no VM has, in the order of namespace and name. */
export const rows = async function* ({ machines, instances, chosen }: Lists): AsyncGenerator<Row> {
  const vms = new Cursor(machines);
  const vmis = new Cursor(instances);
  const wanted = chosen === undefined ? undefined : new Cursor(chosen);
  for (;;) {
    const vm = await vms.head();
    const vmi = await vmis.head();
    if (vm !== undefined && (vmi === undefined || keyOf(vm) <= keyOf(vmi))) {
      vms.take();
      const own = vmi !== undefined && keyOf(vm) === keyOf(vmi) && belongsTo(vmi, vm) ? vmi : undefined;
      if (own !== undefined) vmis.take();
      yield rowOfMachine(vm, own);
    } else {
      if (vmi === undefined) return;
      vmis.take();
      const isOwned = (vmi.metadata?.ownerReferences ?? []).some(({ kind }) => kind === 'VirtualMachine');
      // That of a VM which the selector did not choose.
      if (wanted !== undefined && (isOwned || !(await wanted.reaches(keyOf(vmi))))) continue;
      yield rowOfInstance(vmi);
    }
  }
};
