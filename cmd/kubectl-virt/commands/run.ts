import { defineCommand } from '../command.js';
import { MANIFEST_FILES, MANIFEST_FLAGS } from '../shared-flags.js';

export const command = defineCommand({
  name: 'run',
  group: 'Manifests, without a cluster',
  describe: 'Run an instance on this machine with libvirt, without a cluster',
  arguments: { files: { ...MANIFEST_FILES, describe: 'Manifest file, or - for stdin' } },
  flags: {
    ...MANIFEST_FLAGS,
    volume: {
      type: 'string',
      array: true,
      describe: 'NAME=PATH: local image for a PVC or containerDisk volume; can be repeated',
      complete: 'file',
    },
    tty: { type: 'boolean', default: true, describe: 'Attach the terminal; --no-tty only prints the console' },
    command: {
      type: 'string',
      describe: 'Type this into the guest once it is ready, print its output and stop the guest',
      complete: [],
    },
    prompt: {
      type: 'string',
      default: '[#$>] ?$',
      describe: "Regular expression of the guest's prompt, for --command",
      complete: [],
    },
    timeout: {
      type: 'string',
      default: '3m',
      describe: 'How long the guest may take until it is ready, for --command',
      complete: ['3m'],
    },
    escape: {
      type: 'string',
      default: '^]',
      describe: 'Key that leaves and stops the guest: ^X or one character',
      complete: ['^]', '^A'],
    },
  },
  examples: [
    ['run -f vmi.yaml', 'Boot it, with its console; ^] stops it'],
    ['run -f vmi.yaml --volume root=disk.qcow2', 'With a local image as the volume root'],
    ['run -f vmi.yaml --no-tty --command uptime', 'Boot it, run a command in it, stop it'],
  ],
  run: async (io, flags) => (await import('../offline/run/run.js')).run(io, flags),
});
