import { reportCommand } from '../guest/report-flags.js';

export const command = reportCommand({
  name: 'guestosinfo',
  subresource: 'guestosinfo',
  doing: 'ask for the system of',
  describe: "Show what a guest's agent says of its system: version, host name, time zone, users, file systems",
  examples: [
    ['guestosinfo web', 'All of it, as JSON'],
    ['guestosinfo web -o table', 'The most important, to read'],
  ],
});
