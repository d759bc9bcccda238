import { reportCommand } from '../guest/report-flags.js';

export const command = reportCommand({
  name: 'fslist',
  subresource: 'filesystemlist',
  doing: 'list the file systems of',
  describe: "List a guest's file systems with their size and use, by its agent",
  examples: [
    ['fslist web', 'As JSON'],
    ['fslist web -o table', 'As df shows them'],
  ],
});
