import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { SlimPod } from '../../../src/controller/cache-transforms.js';
import type { Pod } from '../../../src/kube/types.js';
import { launcherPodName } from '../../../src/launcher/index.js';

export const UID = 'a1b2';
export const NOW = Date.parse('2026-01-01T00:00:00Z');

/** What the controller has written of {@link pod}. */
export const LAUNCHER_POD = {
  name: launcherPodName({ metadata: { name: 'web', uid: UID } }),
  uid: 'pod-uid',
  specDigest: 'as-made',
} as const;
/** The id of compute in {@link runningPod}. */
export const COMPUTE_ID = 'c0'.repeat(32);

export const instanceSpec = (): VirtualMachineInstance['spec'] => ({
  architecture: 'amd64',
  terminationGracePeriodSeconds: 30,
  networks: [{ name: 'default', pod: {} }],
  domain: {
    memory: { guest: '64Mi' },
    cpu: { sockets: 1, cores: 1, threads: 1 },
    devices: { interfaces: [{ name: 'default', masquerade: {} }] },
  },
});

export const machine = (
  spec: Partial<VirtualMachine['spec']> = {},
  more: Partial<VirtualMachine> = {},
): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  ...more,
  metadata: { name: 'web', namespace: 'ns', uid: 'vm-uid', generation: 1, resourceVersion: '1', ...more.metadata },
  spec: { template: { metadata: { labels: { app: 'web' } }, spec: instanceSpec() }, ...spec },
});

export const instance = (
  status: NonNullable<VirtualMachineInstance['status']> = {},
  metadata: VirtualMachineInstance['metadata'] = {},
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: {
    name: 'web',
    namespace: 'ns',
    uid: UID,
    resourceVersion: '5',
    finalizers: ['kubevirt.io/foregroundDeleteVirtualMachine', 'kubevirt.io/virtualMachineControllerFinalize'],
    ...metadata,
  },
  spec: instanceSpec(),
  // From Scheduling on the controller has written which pod it is.
  status: ['Scheduling', 'Scheduled', 'Running', 'Succeeded', 'Failed'].includes(status.phase ?? '')
    ? { launcherPod: LAUNCHER_POD, ...status }
    : status,
});

export const pod = (status: Pod['status'] = {}, metadata: Pod['metadata'] = {}): SlimPod => ({
  specDigest: LAUNCHER_POD.specDigest,
  metadata: {
    name: LAUNCHER_POD.name,
    namespace: 'ns',
    uid: 'pod-uid',
    labels: { 'kubevirt.io/created-by': UID },
    ownerReferences: [
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name: 'web', uid: UID, controller: true },
    ],
    ...metadata,
  },
  spec: { nodeName: 'node-a', containers: [{ name: 'compute', image: 'launcher:1' }, { name: 'volumeroot' }] },
  status,
});

export const runningPod = (more: Pod['status'] = {}): SlimPod =>
  pod({
    phase: 'Running',
    podIP: '10.0.0.9',
    podIPs: [{ ip: '10.0.0.9' }, { ip: 'fd00::9' }],
    qosClass: 'Burstable',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      { name: 'compute', ready: false, containerID: `containerd://${COMPUTE_ID}`, state: { running: {} } },
      { name: 'volumeroot', ready: true, state: { running: {} } },
    ],
    ...more,
  });
