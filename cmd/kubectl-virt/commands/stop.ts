import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'stop',
  describe: 'Stop a virtual machine',
  on: 'vm',
  subresource: 'stop',
  scheduledTo: 'stop',
  gracePeriodField: 'gracePeriod',
  serverDryRun: true,
  examples: [
    ['stop web', 'Ask the guest to shut down; stop it after its grace period'],
    ['stop web --force --grace-period=0', 'Stop it at once'],
  ],
});
