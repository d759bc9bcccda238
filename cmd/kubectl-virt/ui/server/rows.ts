import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { isTrue } from '../../../../src/api/vmi/condition.js';
import { isFinal, phaseOf } from '../../../../src/api/vmi/phase.js';
import { visibleLine } from '../../../../src/api/visible-text.js';
import { whyNotRunning } from '../../client/why-not-running.js';
import type { VmRow } from '../shared/protocol.js';

/** As much of a text of others as a cell or a line shows. */
const MOST = 700;
/** Addresses that a row shows; a guest's agent names them, and may name many. */
const MOST_ADDRESSES = 8;

export const shownLine = (text: string): string => visibleLine(text.slice(0, MOST));

/** How the last instance ended, in one line. */
export const terminationText = ({ status }: VirtualMachine): string | undefined => {
  const last = status?.lastTermination;
  if (last === undefined) return undefined;
  const parts = [last.reason, ...(last.message ? [last.message] : [])].map(shownLine).join(': ');
  return last.time === undefined ? parts : `${parts} (${shownLine(last.time)})`;
};

const addressesOf = ({ status }: VirtualMachineInstance): string[] => {
  const all = (status?.interfaces ?? []).flatMap(({ ipAddress, ipAddresses }) => ipAddresses ?? ipAddress ?? []);
  return [...new Set(all)].slice(0, MOST_ADDRESSES).map(shownLine);
};

const base = ({ metadata }: VirtualMachine | VirtualMachineInstance) => {
  const { namespace = '', name = '', creationTimestamp } = metadata ?? {};
  return { namespace, name, created: shownLine(creationTimestamp ?? '') };
};

/** What the list shows of a VM that has no instance. */
export const vmRow = (vm: VirtualMachine): VmRow => {
  const reason = whyNotRunning(vm);
  const last = terminationText(vm);
  return {
    ...base(vm),
    kind: 'vm',
    // Before the controller has seen it.
    status: shownLine(vm.status?.printableStatus ?? 'Starting'),
    live: false,
    running: false,
    paused: false,
    restartRequired: isTrue(vm.status?.conditions, 'RestartRequired'),
    addresses: [],
    ...(reason === undefined ? {} : { reason }),
    ...(last === undefined ? {} : { lastTermination: last }),
  };
};

/** What it shows of an instance without a VM. */
export const vmiRow = (vmi: VirtualMachineInstance): VmRow => {
  const phase = phaseOf(vmi);
  const node = vmi.status?.nodeName;
  return {
    ...base(vmi),
    kind: 'vmi',
    status: shownLine(phase),
    live: !isFinal(vmi),
    running: phase === 'Running',
    paused: isTrue(vmi.status?.conditions, 'Paused'),
    restartRequired: false,
    addresses: addressesOf(vmi),
    ...(node === undefined ? {} : { node: shownLine(node) }),
  };
};

/** A VM and its instance in one row. */
export const joinedRow = (vm: VmRow | undefined, vmi: VmRow | undefined): VmRow | undefined => {
  if (vm === undefined || vmi === undefined) return vm ?? vmi;
  const { live, running, paused, addresses, node } = vmi;
  return { ...vm, live, running, paused, addresses, ...(node === undefined ? {} : { node }) };
};
