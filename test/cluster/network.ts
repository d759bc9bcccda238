/**
 * The pod network: one bridge that leads nowhere else, and one DNAT rule instead of kube-proxy: the only service
 * address that anything of ours dials is the API server's own (in-cluster configuration); webhooks and aggregated APIs
 * are reached at their endpoints (`--enable-aggregator-routing`).
 */
import { run, succeeds } from './run.js';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  ATTACHED_NETWORKS,
  API_CLUSTER_ADDRESS,
  API_PORT,
  BRIDGE,
  IPTABLES_CHAIN,
  KUBERNETES_BIN,
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
  for (const bridge of [BRIDGE, ...Object.values(ATTACHED_NETWORKS).map((network) => network.bridge)])
    if (await succeeds('ip', ['link', 'show', bridge])) await run('ip', ['link', 'delete', bridge]);
};

/** Debian's plugins. */
const PLUGINS = '/usr/lib/cni';
const META_PLUGIN = 'kubectl-virt-meta';

const attachedNetworks = (): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries<{ readonly bridge: string; readonly subnet?: string }>(ATTACHED_NETWORKS).map(
      ([name, { bridge, subnet }]) => [
        name,
        {
          bridge,
          ipam: subnet === undefined ? {} : { type: 'host-local', dataDir: paths.hostLocal, ranges: [[{ subnet }]] },
        },
      ],
    ),
  );

/** Debian's plugins and ours, in one directory, as containerd of Debian knows one only. */
export const writePlugins = (): void => {
  rmSync(paths.cniPlugins, { recursive: true, force: true });
  mkdirSync(paths.cniPlugins, { recursive: true });
  for (const name of readdirSync(PLUGINS)) symlinkSync(path.join(PLUGINS, name), path.join(paths.cniPlugins, name));
  const [ours, script] = ['sh', 'mjs'].map((ending) => path.join(import.meta.dirname, `meta-plugin.${ending}`)) as [
    string,
    string,
  ];
  const plugin = path.join(paths.cniPlugins, META_PLUGIN);
  const text = readFileSync(ours, 'utf8').replace('NODE', process.execPath).replace('META_PLUGIN', script);
  writeFileSync(plugin, text);
  chmodSync(plugin, 0o755);
};

/** CNI configuration for containerd: pods sit on our bridge, with addresses from our subnet. */
export const cniConfiguration = (): string =>
  JSON.stringify({
    cniVersion: '0.4.0',
    name: 'kubectl-virt',
    plugins: [
      {
        type: META_PLUGIN,
        capabilities: { 'io.kubernetes.cri.pod-annotations': true },
        kubectl: path.join(KUBERNETES_BIN, 'kubectl'),
        kubeconfig: paths.kubeconfig,
        networks: attachedNetworks(),
      },
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
