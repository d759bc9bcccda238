import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { apply, get, remove } from '../e2e/support/api.js';
import { makeNamespace, tapSpec, type InstanceSpec } from '../e2e/support/machines.js';
import { compare, type Measure } from './network-comparison.js';
import { into, intoByUdp, outOf, outOfByUdp, PORT, tripByTcp, tripByUdp } from './network-measures.js';
import { bootWithPeer, peerConfigMap } from './network-peer.js';
import type { Promised } from './report.js';

/*
 * The pod network by a tap beside passt: two guests on the test bed (npm run cluster -- up), from the node.
 */

const NAMESPACE = 'bench-pod-network';

const passtSpec = (): InstanceSpec => {
  const spec = tapSpec();
  const ports = Object.values(PORT).flatMap((port) => [
    { port, protocol: 'TCP' },
    { port, protocol: 'UDP' },
  ]);
  spec.domain.devices.interfaces = [{ name: 'default', passtBinding: {}, ports }];
  return spec;
};

const boot = async (name: string, spec: InstanceSpec) => {
  const shell = await bootWithPeer(NAMESPACE, name, spec);
  const own = 'ip -4 -o addr show scope global';
  await shell.run(`n=0; until ${own} | grep -q inet || [ $n -ge 60 ]; do sleep 1; n=$((n+1)); done`, 90);
  const vmi = await get<VirtualMachineInstance>(NAMESPACE, 'vmi', name);
  return { shell, address: vmi?.status?.interfaces?.[0]?.ipAddress ?? '' };
};

const MEASURES: readonly Measure[] = [
  { what: 'TCP into the guest', unit: 'MiB/s', of: into, most: true, atLeast: 1.5 },
  { what: 'TCP out of the guest', unit: 'MiB/s', of: outOf, most: true, atLeast: 1.5 },
  { what: 'UDP into the guest', unit: 'MiB/s', of: intoByUdp, most: true, atLeast: 1 },
  { what: 'UDP out of the guest', unit: 'MiB/s', of: outOfByUdp, most: true, atLeast: 1 },
  { what: 'a round trip by TCP', unit: 'µs', of: tripByTcp, most: false, atLeast: 1 },
  { what: 'a round trip by UDP', unit: 'µs', of: tripByUdp, most: false, atLeast: 1 },
];

export const benchNetwork = async (): Promise<Promised[]> => {
  await makeNamespace(NAMESPACE);
  try {
    await apply(peerConfigMap(NAMESPACE));
    const [tap, passt] = await Promise.all([boot('tap', tapSpec()), boot('passt', passtSpec())]);
    const results = await compare(MEASURES, ['a tap', tap.address], ['passt', passt.address]);
    for (const { shell } of [tap, passt]) await shell.close();
    return results;
  } finally {
    await remove('', 'namespace', NAMESPACE);
  }
};
