import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { podPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildInstance } from '../../../src/controller/vm/instance.js';
import { buildDomain } from '../../../src/domain/index.js';
import type { XmlElement } from '../../../src/domain/xml.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { pageExamples, type PageExample } from '../../support/page-examples.js';
import { all, one, readXml } from '../domain/read-xml.js';

/*
 * manifests/examples has what the page on disks and volumes has (docs/reference/user-guides.md §3): admitted, or
 * refused as its comment says.
 */

const UID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const examples = pageExamples();

const configOf = (featureGates: readonly string[]) =>
  resolveClusterConfig({
    metadata: { name: 'kubevirt' },
    spec: { configuration: { developerConfiguration: { featureGates: [...featureGates] } } },
  });

const answerTo = (object: PageExample['object'], featureGates: readonly string[]) => {
  const metadata = { ...(object['metadata'] as object), namespace: 'default', uid: UID };
  return admit(
    {
      kind: object.kind as 'VirtualMachine' | 'VirtualMachineInstance',
      operation: 'CREATE',
      object: { ...object, metadata },
      user: { username: 'alice' },
    },
    { config: configOf(featureGates), newUuid: () => UID },
  );
};

const refusalOf = (object: PageExample['object'], featureGates: readonly string[]) =>
  answerTo(object, featureGates).causes.map(({ rule, field, message }) => ({ rule, field, message }));

/** The VMI that runs in the end, with its defaults. */
const instanceOf = ({ object, featureGates }: PageExample): VirtualMachineInstance => {
  const admitted = answerTo(object, featureGates).object as VirtualMachine | VirtualMachineInstance;
  if (object.kind === 'VirtualMachineInstance') return admitted as VirtualMachineInstance;
  const instance = buildInstance(admitted as VirtualMachine, false);
  return answerTo(instance as unknown as PageExample['object'], featureGates).object as VirtualMachineInstance;
};

const domainOf = (example: PageExample): XmlElement => {
  const instance = instanceOf(example);
  const disks = (instance.spec.volumes ?? []).map(
    ({ name, containerDisk }) =>
      [name, { format: containerDisk === undefined ? 'raw' : 'qcow2', directIo: true }] as const,
  );
  return readXml(
    buildDomain(instance, {
      config: configOf(example.featureGates),
      paths: podPaths(UID),
      kvmAvailable: true,
      node: { labels: {} },
      disks: Object.fromEntries(disks),
      network: { passt: true },
    }),
  );
};

const named = (file: string): PageExample => {
  const example = examples.find((each) => each.file === file);
  assert.ok(example, file);
  return example;
};

/** What the example's domain says of a driver, by disk. */
const drivers = (file: string, attribute: string): (string | number | undefined)[] =>
  all(domainOf(named(file)), 'disk').map((disk) => one(disk, 'driver')?.attributes[attribute]);

const admitted = examples.filter(({ refused }) => refused === undefined);

describe('the examples of the page on disks and volumes', () => {
  it('are all there: 23 manifests, one of them refused on purpose', () => {
    assert.equal(examples.length, 23);
    assert.equal(admitted.length, 22);
  });

  for (const example of admitted) {
    const { file, object, featureGates } = example;
    it(`${file} is admitted, and makes a pod and a domain with its disks`, () => {
      assert.deepEqual(refusalOf(object, featureGates), []);
      const instance = instanceOf(example);
      const names = (instance.spec.domain.devices.disks ?? []).map(({ name }) => `ua-${name}`);
      assert.ok(names.length > 0);
      const disks = all(domainOf(example), 'disk');
      assert.deepEqual(
        disks.map((disk) => one(disk, 'alias')?.attributes['name']),
        names,
      );
      const pod = buildLauncherPod(instance, { config: configOf(featureGates), launcherImage: 'launcher:1' });
      const claims = (instance.spec.volumes ?? []).flatMap(
        ({ persistentVolumeClaim, ephemeral, dataVolume }) =>
          (persistentVolumeClaim ?? ephemeral?.persistentVolumeClaim)?.claimName ?? dataVolume?.name ?? [],
      );
      assert.deepEqual(
        pod.spec.volumes.flatMap((volume) =>
          'persistentVolumeClaim' in volume ? [volume.persistentVolumeClaim.claimName] : [],
        ),
        claims,
      );
    });
    for (const gate of featureGates)
      it(`${file} is refused without the feature gate ${gate}`, () => {
        const without = featureGates.filter((each) => each !== gate);
        assert.match(JSON.stringify(refusalOf(object, without)), new RegExp(`feature gate ${gate}`));
      });
  }

  for (const { file, object, featureGates, refused } of examples)
    if (refused)
      it(`${file} is refused, as its comment says`, () => {
        assert.deepEqual(refusalOf(object, featureGates), [refused]);
      });

  it('have the I/O threads that the page computes', () => {
    const threads = (file: string) => [
      one(domainOf(named(file)), 'iothreads')?.children[0],
      ...drivers(file, 'iothread').map(Number),
    ];
    assert.deepEqual(threads('iothreads-shared.yaml'), ['3', 1, 2, 3, 1, 1, 1, 1]);
    assert.deepEqual(threads('iothreads-auto.yaml'), ['4', 1, 3, 4, 2, 1, 2, 1]);
  });
  it('have a queue for each of four CPUs, and the cache mode that is forced', () => {
    assert.deepEqual(drivers('blockmultiqueue.yaml', 'queues'), ['4']);
    assert.deepEqual(drivers('cache-writethrough.yaml', 'cache'), ['writethrough']);
    assert.deepEqual(drivers('disk-virtio.yaml', 'cache'), ['none']);
  });
  it('have the targets and serial numbers that the page speaks of', () => {
    const of = (file: string, part: string, attribute: string) =>
      all(domainOf(named(file)), 'disk').map((disk) => one(disk, part)?.attributes[attribute]);
    assert.deepEqual(of('disk-virtio.yaml', 'target', 'dev'), ['vda']);
    assert.deepEqual(of('disk-disk.yaml', 'target', 'bus'), ['sata']);
    assert.deepEqual(of('disk-cdrom.yaml', 'target', 'bus'), ['sata']);
    assert.deepEqual(of('volume-emptydisk.yaml', 'target', 'dev'), ['vda', 'vdb']);
    const serials = (file: string) => all(domainOf(named(file)), 'serial').flatMap(({ children }) => children);
    assert.ok(serials('volume-configmap-fedora.yaml').includes('CVLY623300HK240D'));
    assert.ok(serials('volume-secret-fedora.yaml').includes('D23YZ9W6WA5DJ487'));
  });
});
