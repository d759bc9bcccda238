import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'unpause',
  describe: 'Let a paused guest run on',
  on: 'vmi',
  subresource: 'unpause',
  scheduledTo: 'unpause',
  takesTypeWord: true,
  until: 'unpaused',
  serverDryRun: true,
  examples: [['unpause web', 'Let the paused VM web run on']],
});
