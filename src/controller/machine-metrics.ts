import { Gauge, type Registry } from 'prom-client';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import type { ObjectMeta } from '../api/schema/meta.js';
import { boundedText } from '../api/visible-text.js';
import { isTrue } from '../api/vmi/condition.js';
import { phaseOf } from '../api/vmi/phase.js';
import { STATUS_GROUPS, statusGroup } from './vm/status-group.js';

/** What the controller's caches hold. */
export interface MachineSource {
  readonly vms: () => readonly VirtualMachine[];
  readonly vmis: () => readonly VirtualMachineInstance[];
}

/** What KubeVirt writes where there is none. */
const NONE = '<none>';
/** Characters of a label: templates' annotations and a guest's agent write what they like. */
const LONGEST = 63;

const label = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? boundedText(value, LONGEST) : NONE;
/** A name that other metrics have in full. */
const nameLabel = (value: string | undefined): string => value || NONE;

/** The annotations by which templates say what they are. */
const KIND_OF_GUEST = { os: 'vm.kubevirt.io/os', workload: 'vm.kubevirt.io/workload', flavor: 'vm.kubevirt.io/flavor' };

const kindOfGuest = (metadata: ObjectMeta | undefined): Record<keyof typeof KIND_OF_GUEST, string> => ({
  os: label(metadata?.annotations?.[KIND_OF_GUEST.os]),
  workload: label(metadata?.annotations?.[KIND_OF_GUEST.workload]),
  flavor: label(metadata?.annotations?.[KIND_OF_GUEST.flavor]),
});

const identity = ({ metadata }: VirtualMachine | VirtualMachineInstance): { name: string; namespace: string } => ({
  namespace: nameLabel(metadata?.namespace),
  name: nameLabel(metadata?.name),
});

/** Whether an eviction of its pod is ever allowed, or brings somebody who takes the guest away. */
const isEvictable = ({ spec, status }: VirtualMachineInstance): boolean =>
  spec.evictionStrategy !== 'LiveMigrate' || isTrue(status?.conditions, 'LiveMigratable');

const instanceLabels = (vmi: VirtualMachineInstance): Record<string, string> => {
  const { metadata, status } = vmi;
  const guest = status?.guestOSInfo;
  return {
    node: nameLabel(status?.nodeName),
    ...identity(vmi),
    phase: phaseOf(vmi).toLowerCase(),
    ...kindOfGuest(metadata),
    guest_os_kernel_release: label(guest?.kernelRelease),
    guest_os_machine: label(guest?.machine),
    guest_os_name: label(guest?.name),
    guest_os_version_id: label(guest?.versionId),
    evictable: String(isEvictable(vmi)),
    vmi_pod: nameLabel(status?.launcherPod?.name),
  };
};

/** The last time that a condition of the VM changed; its creation, where none has. Seconds since 1970. */
const lastTransition = ({ metadata, status }: VirtualMachine): number => {
  const times = [
    metadata?.creationTimestamp,
    ...(status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime),
  ].map((time) => Date.parse(time ?? ''));
  return Math.max(0, ...times.filter(Number.isFinite)) / 1000;
};

/**
 * Each VM and each instance with what dashboards and alerts join other metrics with, under KubeVirt's names. Of the
 * replica that leads, read from its caches when somebody scrapes.
 */
export const machineMetrics = (
  registry: Registry,
  /** Undefined: this replica does not lead, or its caches are not there. */
  source: () => MachineSource | undefined,
): void => {
  const gauge = (name: string, help: string, labelNames: string[], collect: (to: Gauge, of: MachineSource) => void) =>
    new Gauge({
      name,
      help: `${help} Of the replica that leads.`,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        const fleet = source();
        if (fleet !== undefined) collect(this, fleet);
      },
    });
  const guest = Object.keys(KIND_OF_GUEST);
  gauge(
    'kubevirt_vmi_info',
    '1 for each VMI; os, workload and flavor as its annotations vm.kubevirt.io/… say, guest_os_… as the agent in its guest.',
    [
      ...['node', 'namespace', 'name', 'phase', ...guest, 'guest_os_kernel_release', 'guest_os_machine'],
      ...['guest_os_name', 'guest_os_version_id', 'evictable', 'vmi_pod'],
    ],
    (to, { vmis }) => {
      for (const vmi of vmis()) to.set(instanceLabels(vmi), 1);
    },
  );
  gauge(
    'kubevirt_vmi_non_evictable',
    '1 for a VMI whose pod may not be evicted: its evictionStrategy is LiveMigrate, and it cannot be migrated.',
    ['node', 'namespace', 'name'],
    (to, { vmis }) => {
      for (const vmi of vmis()) {
        if (!isEvictable(vmi)) to.set({ node: nameLabel(vmi.status?.nodeName), ...identity(vmi) }, 1);
      }
    },
  );
  gauge(
    'kubevirt_vm_info',
    '1 for each VM, with its STATUS and the group of it: starting, running, non_running, error.',
    ['name', 'namespace', ...guest, 'status', 'status_group'],
    (to, { vms }) => {
      for (const vm of vms()) {
        const status = vm.status?.printableStatus;
        const group = { status: label(status).toLowerCase(), status_group: statusGroup(status) };
        to.set({ ...identity(vm), ...kindOfGuest(vm.spec.template.metadata), ...group }, 1);
      }
    },
  );
  for (const group of STATUS_GROUPS) {
    gauge(
      `kubevirt_vm_${group}_status_last_transition_timestamp_seconds`,
      `When a VM in the group ${group} last changed a condition, in seconds since 1970; 0 for a VM of another group.`,
      ['name', 'namespace'],
      (to, { vms }) => {
        for (const vm of vms()) {
          to.set(identity(vm), statusGroup(vm.status?.printableStatus) === group ? lastTransition(vm) : 0);
        }
      },
    );
  }
  gauge(
    'kubevirt_vm_create_date_timestamp_seconds',
    'When the VM was created, in seconds since 1970.',
    ['name', 'namespace'],
    (to, { vms }) => {
      for (const vm of vms()) {
        const created = Date.parse(vm.metadata?.creationTimestamp ?? '');
        if (Number.isFinite(created)) to.set(identity(vm), created / 1000);
      }
    },
  );
};
