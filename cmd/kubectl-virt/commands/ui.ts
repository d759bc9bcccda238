import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'ui',
  group: 'Virtual machines in a cluster',
  describe: 'Serve a page with the virtual machines on this machine alone',
  arguments: {},
  flags: {
    port: { type: 'string', default: '0', describe: 'Port to listen at; 0: a free one', complete: ['0', '8080'] },
    address: {
      type: 'string',
      default: '127.0.0.1',
      describe: 'Address of this machine itself to listen at',
      choices: ['127.0.0.1', '::1'],
    },
    browser: { type: 'boolean', default: true, describe: 'Open the page in the browser; --no-browser prints its link' },
  },
  examples: [
    ['ui', 'Open the page with the VMs of all namespaces that you may see'],
    ['ui -n prod --no-browser', 'Print the link of a page with the VMs of the namespace prod'],
  ],
  epilogue:
    'The link works once and for one browser. Whoever has it acts with your kubeconfig: give it to nobody. ^C ends it.',
  run: async (io, flags) => (await import('../ui/ui.js')).serveUi(io, flags),
});
