import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { presenceOf } from '../api/settings/acted-on.js';
import { asksForNothing } from '../api/settings/asks.js';
import { DomainError } from './error.js';

type Spec = VirtualMachineInstance['spec'];

/**
 * Fields that would change the domain and that nothing here acts on yet. Admission refuses them by its own list; a VMI
 * that reaches the builder with one anyway must not become a VM that lacks what was asked for.
 */
const NOT_SUPPORTED: readonly (readonly [field: string, of: (spec: Spec) => unknown])[] = [
  ['spec.domain.launchSecurity', (s) => s.domain.launchSecurity],
  ['spec.domain.devices.autoattachVSOCK', (s) => s.domain.devices.autoattachVSOCK],
  ['spec.domain.devices.clientPassthrough', (s) => s.domain.devices.clientPassthrough],
  ['spec.domain.devices.gpus', (s) => s.domain.devices.gpus],
  ['spec.domain.devices.hostDevices', (s) => s.domain.devices.hostDevices],
  ['spec.domain.devices.watchdog.diag288', (s) => s.domain.devices.watchdog?.diag288],
  [
    'spec.domain.devices.disks[].lun.reservation',
    (s) => s.domain.devices.disks?.find((d) => d.lun?.reservation)?.lun?.reservation,
  ],
];

/** @throws DomainError for the first field of the list that is set. */
export const refuseUnsupported = (vmi: VirtualMachineInstance): void => {
  const found = NOT_SUPPORTED.find(
    ([field, of]) => !asksForNothing(of(vmi.spec), presenceOf(field.slice('spec.'.length))),
  );
  if (found) throw new DomainError('NotSupported', 'is not supported yet; remove it', found[0]);
};
