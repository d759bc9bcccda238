import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'unfreeze',
  describe: "Thaw a guest's file systems again",
  on: 'vmi',
  subresource: 'unfreeze',
  scheduledTo: 'unfreeze',
  serverDryRun: false,
  examples: [['unfreeze web', 'The copy is made']],
});
