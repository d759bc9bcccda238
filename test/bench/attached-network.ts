import { execFileSync } from 'node:child_process';
import { apply, remove } from '../e2e/support/api.js';
import { makeNamespace, tapSpec } from '../e2e/support/machines.js';
import { ATTACHED_NETWORKS } from '../cluster/settings.js';
import { compare, type Measure } from './network-comparison.js';
import { into, outOf, tripByTcp } from './network-measures.js';
import { bootWithPeer, buildPeer, peerConfigMap, RUN_PEER } from './network-peer.js';
import { PlainQemu } from './plain-qemu.js';
import type { Promised } from './report.js';

/*
 * A second network by a bridge and a tap in the pod beside the same wire with a plain QEMU: what our filters and what
 * libvirt says of the card cost. On the test bed (npm run cluster -- up), from the node.
 */

const NAMESPACE = 'bench-attached-network';
const { bridge } = ATTACHED_NETWORKS.lan;
const [NODE, OURS, PLAIN] = ['192.168.77.254', '192.168.77.1', '192.168.77.2'];
const MAC = { ours: '02:00:00:00:78:01', plain: '02:00:00:00:78:02' };

const MEASURES: readonly Measure[] = [
  { what: 'TCP into the guest', unit: 'MiB/s', of: into, most: true, atLeast: 0.8 },
  { what: 'TCP out of the guest', unit: 'MiB/s', of: outOf, most: true, atLeast: 0.8 },
  { what: 'a round trip by TCP', unit: 'µs', of: tripByTcp, most: false, atLeast: 0.8 },
];

const setUp = (mac: string, address: string): string =>
  `d=$(basename $(dirname $(grep -l ${mac} /sys/class/net/*/address))); ` +
  `ip address add ${address}/24 dev $d; ip link set $d up`;

const spec = () => {
  const { domain, ...rest } = tapSpec();
  domain.devices.interfaces?.push({ name: 'lan', bridge: {}, macAddress: MAC.ours });
  const networks = [...(rest.networks ?? []), { name: 'lan', multus: { networkName: 'lan' } }];
  return { ...rest, domain, networks };
};

export const benchAttachedNetwork = async (): Promise<Promised[]> => {
  await makeNamespace(NAMESPACE);
  const nodeAddress = (what: string) => execFileSync('ip', ['address', what, `${NODE}/24`, 'dev', bridge]);
  let plain: PlainQemu | undefined;
  let hasAddress = false;
  try {
    await apply(peerConfigMap(NAMESPACE));
    const shell = await bootWithPeer(NAMESPACE, 'attached', spec());
    await shell.run(setUp(MAC.ours, OURS));
    const peer = buildPeer();
    plain = await PlainQemu.start(bridge, MAC.plain, peer);
    await plain.run(`head -c ${peer.length} /dev/vdb | gunzip -c > /run/peer; ${RUN_PEER}; ${setUp(MAC.plain, PLAIN)}`);
    nodeAddress('replace');
    hasAddress = true;
    const results = await compare(MEASURES, ['a second network', OURS], ['a plain QEMU', PLAIN]);
    await shell.close();
    return results;
  } finally {
    if (hasAddress) nodeAddress('delete');
    await plain?.stop();
    await remove('', 'namespace', NAMESPACE);
  }
};
