import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'restart',
  describe: 'Stop a virtual machine and start it again',
  on: 'vm',
  subresource: 'restart',
  scheduledTo: 'restart',
  gracePeriodField: 'gracePeriodSeconds',
  until: 'replaced',
  serverDryRun: true,
  examples: [
    ['restart web', 'Restart the VM web in a new pod'],
    ['restart web --force --grace-period=0', 'Restart it without waiting for the guest'],
  ],
});
