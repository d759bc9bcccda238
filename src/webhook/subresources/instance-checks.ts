import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { StatusError, conflict } from './status-error.js';

/*
 * What must hold before a request goes to a node (spec/control.md §2.5). A state that may yet change is a 409, which
 * clients may try again; a configuration that never will is a 400.
 */

const nameOf = (vmi: VirtualMachineInstance) => vmi.metadata?.name ?? '';
const refuse = (vmi: VirtualMachineInstance, text: string) => conflict('virtualmachineinstances', nameOf(vmi), text);
const isTrue = (vmi: VirtualMachineInstance, type: string) =>
  vmi.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
const requireRunning = (vmi: VirtualMachineInstance) => {
  const phase = vmi.status?.phase;
  if (phase !== 'Running') throw refuse(vmi, `VMI is not running: its phase is ${phase ?? 'not set yet'}`);
};

/** @throws StatusError 400 when the VMI has no serial console, 409 when its guest is not running */
export const checkConsole = (vmi: VirtualMachineInstance): void => {
  if (vmi.spec.domain.devices.autoattachSerialConsole === false) {
    throw new StatusError(
      'BadRequest',
      `"${nameOf(vmi)}" has no serial console: remove spec.domain.devices.autoattachSerialConsole: false and start it again`,
    );
  }
  if (vmi.status?.phase === 'Failed') throw refuse(vmi, 'VMI is in failed status');
  requireRunning(vmi);
};

/** @throws StatusError 409 when not running or paused already */
export const checkPause = (vmi: VirtualMachineInstance): void => {
  requireRunning(vmi);
  if (isTrue(vmi, 'Paused')) throw refuse(vmi, 'VMI is already paused');
};

/** @throws StatusError 409 when not running or not paused */
export const checkUnpause = (vmi: VirtualMachineInstance): void => {
  requireRunning(vmi);
  if (!isTrue(vmi, 'Paused')) throw refuse(vmi, 'VMI is not paused');
};

/** @throws StatusError 409 when not running; a paused guest may be reset */
export const checkReset = (vmi: VirtualMachineInstance): void => requireRunning(vmi);

/** @throws StatusError 409 when not running, paused, or when nothing in the guest could hear the request */
export const checkSoftReboot = (vmi: VirtualMachineInstance): void => {
  requireRunning(vmi);
  if (isTrue(vmi, 'Paused')) throw refuse(vmi, 'VMI is paused');
  const acpi = vmi.spec.domain.features?.acpi?.enabled ?? true;
  if (!acpi && !isTrue(vmi, 'AgentConnected')) {
    throw refuse(vmi, 'VMI neither has the agent connected nor the ACPI feature enabled');
  }
};
