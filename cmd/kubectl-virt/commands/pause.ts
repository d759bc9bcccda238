import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'pause',
  describe: "Stop a running guest's vCPUs, keeping its memory",
  on: 'vmi',
  subresource: 'pause',
  scheduledTo: 'pause',
  takesTypeWord: true,
  until: 'paused',
  serverDryRun: true,
  examples: [
    ['pause web', 'Pause the running VM web'],
    ['pause vmi web', 'The same, with the type as a word of its own'],
  ],
});
