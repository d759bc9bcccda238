/*
 * What an agent says of the end of a guest that ran, in `status.reason` of an instance that failed: the controller
 * tells the VM by it how its instance ended.
 */
export const ENDED_BY_FORCE = 'The VirtualMachineInstance was ended by force: the guest did not power off.';
export const CRASHED = 'The VirtualMachineInstance crashed.';
