import { resolveClusterConfig, type ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { podPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { KubeVirtConfiguration } from '../../../src/api/schema/kubevirt-configuration.js';
import type { DomainContext } from '../../../src/domain/index.js';

export const UID = '5d307ca9-b3ef-428c-8861-06e72d69f223';

export const config = (configuration: KubeVirtConfiguration = {}): ClusterConfig =>
  resolveClusterConfig({ metadata: {}, spec: { configuration } });

/** A node with KVM, passt, a tap, and qcow2 images behind the volumes that have one. */
export const context = (changes: Partial<DomainContext> = {}): DomainContext => ({
  config: config(),
  paths: podPaths(UID),
  kvmAvailable: true,
  node: { labels: {} },
  disks: Object.fromEntries(
    ['root', 'claim', 'a', 'b', 'c'].map((name) => [
      name,
      {
        format: name === 'claim' ? 'raw' : 'qcow2',
        blockSize: { logical: 4096, physical: 4096, discardGranularity: 0 },
      },
    ]),
  ),
  network: { passt: true, tap: { device: 'tap0', mtu: 1450 } },
  ...changes,
});

type Spec = VirtualMachineInstance['spec'];

/** A VMI with nothing but what it must have; `domain`, `devices` and `spec` are laid over it. */
export const vmi = (
  spec: Partial<Omit<Spec, 'domain'>> = {},
  domain: Partial<Spec['domain']> = {},
  devices: Partial<Spec['domain']['devices']> = {},
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'shop', uid: UID },
  spec: {
    ...spec,
    domain: { memory: { guest: '128Mi' }, firmware: { uuid: UID }, ...domain, devices },
  },
});

/** The VMI of the quick start: a containerDisk, cloud-init, the pod network. */
export const typical = (): VirtualMachineInstance =>
  vmi(
    {
      networks: [{ name: 'default', pod: {} }],
      volumes: [
        { name: 'root', containerDisk: { image: 'registry.example/debian:13' } },
        { name: 'seed', cloudInitNoCloud: { userData: '#cloud-config\n' } },
      ],
    },
    { cpu: { cores: 2 } },
    {
      rng: {},
      disks: [
        { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
        { name: 'seed', disk: { bus: 'virtio' } },
      ],
      interfaces: [{ name: 'default', masquerade: {}, ports: [{ port: 80 }] }],
    },
  );
