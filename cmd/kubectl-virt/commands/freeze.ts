import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'freeze',
  describe: "Freeze a guest's file systems, by its agent, while its disks are copied",
  on: 'vmi',
  subresource: 'freeze',
  scheduledTo: 'freeze',
  timeField: 'unfreezeTimeout',
  serverDryRun: false,
  examples: [['freeze web --unfreeze-timeout 1m', 'Freeze them, for a minute at most']],
});
