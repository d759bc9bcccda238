import type { Devices } from '../schema/devices.js';

/** Whether what a guest says on its serial console is kept for `kubectl logs`: only where the VM asks for it. */
export const logsSerialConsole = ({ logSerialConsole, autoattachSerialConsole }: Devices): boolean =>
  logSerialConsole === true && autoattachSerialConsole !== false;
