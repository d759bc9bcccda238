import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'stop',
  describe: 'Stop a virtual machine',
  on: 'vm',
  subresource: 'stop',
  scheduledTo: 'stop',
  gracePeriodField: 'gracePeriod',
  until: 'stopped',
  serverDryRun: true,
  examples: [
    ['stop web', 'Ask the guest to shut down; stop it after its grace period'],
    ['stop --all --wait --timeout 2m', 'Stop all of the namespace, and return when they are off'],
    ['stop web --force --grace-period=0', 'Stop it at once'],
  ],
});
