import { defineCommand, type Command } from '../command.js';
import { VMI_TARGET } from '../shared-flags.js';

/** `vnc screenshot`, as virtctl calls it, and `screenshot`. */
export const screenshotCommand = (name: 'screenshot' | 'vnc screenshot'): Command =>
  defineCommand({
    name,
    group: 'Virtual machines in a cluster',
    describe: "Take a picture of a guest's screen, PNG",
    arguments: { target: VMI_TARGET },
    flags: {
      file: { type: 'string', alias: 'f', describe: 'Where to write it; - for stdout', complete: 'file', stdin: true },
      'move-cursor': {
        type: 'boolean',
        alias: 'm',
        describe: "Move the guest's pointer first: it wakes a screen that has gone dark",
      },
    },
    examples: [
      [`${name} web -f web.png`, 'Into a file'],
      [`${name} web -m -f web.png`, 'Wake the screen first'],
    ],
    run: async (io, flags) => (await import('./screenshot.js')).takeScreenshot(io, flags),
  });
