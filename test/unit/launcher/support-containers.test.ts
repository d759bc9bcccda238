import assert from 'node:assert/strict';
import { configurationWarnings } from '../../../src/admission/warnings/configuration.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { vmi } from '../domain/fixtures.js';

const kubevirt = (...types: string[]): KubeVirt => ({
  metadata: { name: 'kubevirt', namespace: 'kubevirt' },
  spec: {
    configuration: {
      supportContainerResources: types.map((type) => ({
        type,
        resources: { requests: { cpu: '7m', memory: '9Mi' }, limits: { cpu: '3' } },
      })),
    },
  },
});
const machine = (resources = {}) =>
  vmi(
    {
      volumes: [
        { name: 'root', containerDisk: { image: 'guest:1' } },
        { name: 'conf', configMap: { name: 'app' } },
      ],
    },
    { resources, memory: { guest: '1Gi' } },
    {
      disks: [{ name: 'root', disk: { bus: 'virtio' } }],
      filesystems: [{ name: 'conf', virtiofs: {} }],
      logSerialConsole: true,
    },
  );
const resourcesOf = (settings: KubeVirt | undefined, resources = {}) => {
  const { containers } = buildLauncherPod(machine(resources), {
    config: resolveClusterConfig(settings),
    launcherImage: 'launcher:1',
  }).spec;
  return new Map(containers.map((container) => [container.name, container.resources]));
};

describe('what the cluster gives the containers beside QEMU’s', () => {
  const CONTAINERS = {
    'container-disk': 'volumeroot',
    virtiofs: 'virtiofs-conf',
    'guest-console-log': 'guest-console-log',
  };

  it('is its own numbers where it has some, of each type by itself', () => {
    const plain = resourcesOf(undefined);
    for (const [type, name] of Object.entries(CONTAINERS)) {
      const given = resourcesOf(kubevirt(type));
      assert.deepEqual(given.get(name)?.requests, { cpu: '7m', memory: '9Mi' }, type);
      assert.deepEqual(given.get(name)?.limits, { ...plain.get(name)?.limits, cpu: '3' }, type);
      for (const other of plain.keys()) if (other !== name) assert.deepEqual(given.get(other), plain.get(other), other);
    }
  });

  it('is the limits alone where the pod is Guaranteed', () => {
    const equal = { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } };
    const given = resourcesOf(kubevirt(...Object.keys(CONTAINERS)), equal);
    for (const name of Object.values(CONTAINERS)) assert.deepEqual(given.get(name)?.requests, given.get(name)?.limits);
  });

  it('is told to have no effect where there is no such container', () => {
    const told = (...types: string[]) =>
      configurationWarnings(() => [])
        .filter(({ id }) => id === 'W-SET-2')
        .flatMap(({ check }) =>
          check({ apiVersion: '', metadata: {}, kubevirt: kubevirt(...types), config: resolveClusterConfig() }),
        );
    assert.deepEqual(told(...Object.keys(CONTAINERS)), []);
    assert.equal(told('virtiofs', 'hotplug-disk')[0]?.field, 'spec.configuration.supportContainerResources');
  });
});
