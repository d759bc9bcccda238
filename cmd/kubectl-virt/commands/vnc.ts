import { defineCommand } from '../command.js';
import { VMI_TARGET } from '../shared-flags.js';
import { VIEWER_KINDS } from '../vnc/viewer-kinds.js';

export const command = defineCommand({
  name: 'vnc',
  group: 'Virtual machines in a cluster',
  describe: "Open a guest's screen in a VNC viewer",
  arguments: { target: VMI_TARGET },
  flags: {
    'proxy-only': {
      type: 'boolean',
      describe: 'Start no viewer: print the port as JSON, and serve one viewer after another until ^C',
    },
    address: {
      type: 'string',
      default: '127.0.0.1',
      describe: 'With --proxy-only: where to listen. Whoever reaches it has the screen',
      complete: ['127.0.0.1', '::1'],
    },
    port: { type: 'string', default: '0', describe: 'Port to listen at; 0: a free one', complete: ['0', '5900'] },
    'preserve-session': {
      type: 'boolean',
      describe: 'Fail where another user has the screen, and do not take it over',
    },
    'view-only': {
      type: 'boolean',
      describe: 'Look on beside whoever has the screen: keys and pointer go nowhere, and nothing is taken over',
    },
    'vnc-type': {
      type: 'string',
      describe: `The viewer: ${VIEWER_KINDS.join(', ')}. Default: the first that is installed`,
      complete: VIEWER_KINDS,
    },
    browser: { type: 'boolean', describe: 'Open it in the page of kubectl virt ui, without a viewer' },
    'vnc-path': { type: 'string', describe: 'Where the viewer is; needs --vnc-type', complete: 'file' },
  },
  examples: [
    ['vnc web', 'Open the screen of web in remote-viewer or vncviewer'],
    ['vnc web --browser', 'Open it in the browser'],
    ['vnc web --view-only', 'Look on while another works at it'],
    ['vnc web --proxy-only --port 5900', 'Serve it at port 5900 of this machine, for a viewer of yours'],
  ],
  run: async (io, flags) =>
    flags.browser === true
      ? (await import('../ui/screen.js')).serveScreen(io, flags)
      : (await import('../vnc/vnc.js')).openScreen(io, flags),
});
