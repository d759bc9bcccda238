import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'evacuate-cancel',
  describe: 'Take back that a virtual machine is to leave its node, as an eviction that was refused has asked for',
  on: 'vmi',
  subresource: 'evacuatecancel',
  scheduledTo: 'stay where it is',
  takesTypeWord: true,
  serverDryRun: true,
  examples: [['evacuate-cancel web', 'The node is drained no more: web stays, and nobody is to move it']],
});
