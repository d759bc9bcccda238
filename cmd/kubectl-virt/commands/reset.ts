import { actionCommand } from '../lifecycle/action.js';

export const command = actionCommand({
  name: 'reset',
  describe: 'Press the reset button: the guest restarts at once, in the same pod, and loses what it had not written',
  on: 'vmi',
  subresource: 'reset',
  scheduledTo: 'reset',
  serverDryRun: false,
  examples: [['reset web', 'Restart a guest that answers nothing any more, without a new pod']],
});
