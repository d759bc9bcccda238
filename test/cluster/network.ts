/**
 * The pod network: one bridge that leads nowhere else, and one DNAT rule instead of kube-proxy: the only service
 * address that anything of ours dials is the API server's own (in-cluster configuration); webhooks and aggregated APIs
 * are reached at their endpoints (`--enable-aggregator-routing`).
 */
import { run, succeeds } from './run.js';
import {
  API_CLUSTER_ADDRESS,
  API_PORT,
  BRIDGE,
  IPTABLES_CHAIN,
  NODE_ADDRESS,
  NODE_PREFIX,
  POD_SUBNET,
  paths,
} from './settings.js';

const jump = (hook: string): string[] => [
  hook,
  '-m',
  'comment',
  '--comment',
  'kubectl-virt test bed',
  '-j',
  IPTABLES_CHAIN,
];

export const ensureNetwork = async (): Promise<void> => {
  if (!(await succeeds('ip', ['link', 'show', BRIDGE]))) await run('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
  await run('ip', ['address', 'replace', `${NODE_ADDRESS}/${NODE_PREFIX}`, 'dev', BRIDGE]);
  await run('ip', ['link', 'set', BRIDGE, 'up']);
  if (!(await succeeds('iptables', ['-w', '-t', 'nat', '-L', IPTABLES_CHAIN, '-n']))) {
    await run('iptables', ['-w', '-t', 'nat', '-N', IPTABLES_CHAIN]);
  }
  await run('iptables', ['-w', '-t', 'nat', '-F', IPTABLES_CHAIN]);
  await run('iptables', [
    ...['-w', '-t', 'nat', '-A', IPTABLES_CHAIN, '-d', `${API_CLUSTER_ADDRESS}/32`, '-p', 'tcp', '--dport', '443'],
    ...['-j', 'DNAT', '--to-destination', `${NODE_ADDRESS}:${API_PORT}`],
  ]);
  // OUTPUT is for pods of the host's network.
  for (const hook of ['PREROUTING', 'OUTPUT']) {
    if (!(await succeeds('iptables', ['-w', '-t', 'nat', '-C', ...jump(hook)]))) {
      await run('iptables', ['-w', '-t', 'nat', '-A', ...jump(hook)]);
    }
  }
};

/** Removes what {@link ensureNetwork} made, also when only half of it is there. */
export const removeNetwork = async (): Promise<void> => {
  for (const hook of ['PREROUTING', 'OUTPUT']) {
    while (await succeeds('iptables', ['-w', '-t', 'nat', '-D', ...jump(hook)]));
  }
  if (await succeeds('iptables', ['-w', '-t', 'nat', '-F', IPTABLES_CHAIN])) {
    await run('iptables', ['-w', '-t', 'nat', '-X', IPTABLES_CHAIN]);
  }
  if (await succeeds('ip', ['link', 'show', BRIDGE])) await run('ip', ['link', 'delete', BRIDGE]);
};

/** CNI configuration for containerd: pods sit on our bridge, with addresses from our subnet. */
export const cniConfiguration = (): string =>
  JSON.stringify({
    cniVersion: '0.4.0',
    name: 'kubectl-virt',
    plugins: [
      {
        type: 'bridge',
        bridge: BRIDGE,
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: paths.hostLocal,
          ranges: [[{ subnet: POD_SUBNET, gateway: NODE_ADDRESS }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'loopback' },
    ],
  });
