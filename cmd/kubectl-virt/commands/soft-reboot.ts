import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'soft-reboot',
  describe: 'Ask the guest to reboot itself, in the same pod',
  on: 'vmi',
  subresource: 'softreboot',
  scheduledTo: 'soft-reboot',
  serverDryRun: false,
  examples: [['soft-reboot web', 'Reboot through the guest agent, or else the ACPI power button']],
});
