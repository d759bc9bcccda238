/** What an alert asks of a VM, whatever word its status shows. */
export type StatusGroup = 'starting' | 'running' | 'non_running' | 'error';

export const STATUS_GROUPS: readonly StatusGroup[] = ['starting', 'running', 'non_running', 'error'];

const GROUPS: ReadonlyMap<string, StatusGroup> = new Map([
  ['Provisioning', 'starting'],
  ['WaitingForVolumeBinding', 'starting'],
  ['Starting', 'starting'],
  ['Running', 'running'],
  ['Paused', 'non_running'],
  ['Stopping', 'non_running'],
  ['Stopped', 'non_running'],
  ['Terminating', 'non_running'],
]);

/**
 * The group of `status.printableStatus`, as KubeVirt's metrics group them (pkg/monitoring/metrics/virt-controller):
 * what is none of these words keeps a VM from running.
 */
export const statusGroup = (word: string | undefined): StatusGroup => GROUPS.get(word ?? '') ?? 'error';
