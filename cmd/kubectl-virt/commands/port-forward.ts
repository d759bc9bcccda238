import { defineCommand } from '../command.js';
import { VMI_TARGET } from '../shared-flags.js';

export const command = defineCommand({
  name: 'port-forward',
  group: 'Virtual machines in a cluster',
  describe: 'Forward local ports to ports of a guest, TCP or UDP',
  arguments: {
    target: VMI_TARGET,
    ports: {
      type: 'string',
      array: true,
      describe: '[tcp/|udp/]LOCAL[:REMOTE]; LOCAL 0, or none before the colon: a free one',
      complete: ['22', '8080:80', 'udp/5353:53'],
    },
  },
  flags: {
    stdio: { type: 'boolean', describe: 'Forward stdin and stdout instead of a local port; for one port' },
    address: {
      type: 'string',
      default: '127.0.0.1',
      describe: 'Address of this machine to listen at. Whoever reaches it reaches the guest',
      complete: ['127.0.0.1', '::1', '0.0.0.0'],
    },
  },
  examples: [
    ['port-forward vm/web 8080:80', 'http://127.0.0.1:8080 is port 80 of the guest, until ^C'],
    ['port-forward web 8443:443 udp/5353:53', 'Several ports, one of them UDP'],
    ['port-forward --stdio vm/web 22', 'As the ProxyCommand of ssh'],
  ],
  run: async (io, flags) => (await import('../forward/forward.js')).forwardPorts(io, flags),
});
