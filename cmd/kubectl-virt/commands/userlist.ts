import { reportCommand } from '../guest/report-flags.js';

export const command = reportCommand({
  name: 'userlist',
  subresource: 'userlist',
  doing: 'list the users of',
  describe: 'List who is logged in to a guest, by its agent',
  examples: [
    ['userlist web', 'As JSON'],
    ['userlist web -o table', 'A line for each login'],
  ],
});
