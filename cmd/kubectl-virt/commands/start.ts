import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'start',
  describe: 'Start a virtual machine',
  on: 'vm',
  subresource: 'start',
  scheduledTo: 'start',
  acceptsPaused: true,
  until: 'running',
  serverDryRun: true,
  examples: [
    ['start web', 'Start the VM web'],
    ['start web db --wait', 'Start two, and return when their guests run'],
    ['start -l app=shop', 'Start all with a label'],
    ['start web --paused', 'Start it with its vCPUs stopped; unpause lets it run'],
  ],
});
