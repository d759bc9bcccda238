import assert from 'node:assert/strict';
import { chownSync, existsSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { DataVolume } from '../../src/api/schema/datavolume.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { CLUSTER_DIR, NODE_ADDRESS, NODE_NAME } from '../cluster/settings.js';
import { pageExamples, type PageExample } from '../support/page-examples.js';
import { needsTestBed } from './support/bed.js';
import { claimOn, provideVolume, withdrawVolume, type LocalVolume } from './support/claims.js';
import { apply, get, list } from './support/api.js';
import { plugin, refusal, until } from './support/kubectl.js';
import {
  type InstanceSpec,
  makeNamespace,
  removeWhole,
  TINY_GUEST,
  untilEvent,
  untilPhase,
} from './support/machines.js';
import { openGates, untilAdmitted } from './support/gates.js';

/*
 * Every example of the page on disks and volumes (docs/reference/user-guides.md §3), applied as it lies in
 * manifests/examples. Changed in all of them: images of registries that are not reached from here become the tiny
 * guest's, and a guest that is not asked to stop need not: half of them have no system. What else is changed stands at
 * the example.
 */

const GIB = 2 ** 30;
/** As many as run side by side; each has a namespace of its own, because the page calls most of its claims mypvc. */
const SLOTS = Array.from({ length: 6 }, (_, index) => `e2e-examples-${index}`);
const HOST_DISK = path.join(CLUSTER_DIR, 'host-disks', 'disk.img');

interface Place {
  readonly namespace: string;
  readonly name: string;
  /** Of the claim mypvc on the node. */
  readonly directory: string;
}
interface Particulars {
  readonly change?: (object: VirtualMachine | VirtualMachineInstance, spec: InstanceSpec) => void;
  readonly before?: (place: Place) => Promise<void> | void;
  /** Instead of waiting for Running. */
  readonly expect?: (place: Place) => Promise<void>;
}

const running = async ({ namespace, name }: Place): Promise<void> => {
  await untilPhase(namespace, name, 'Running', 360);
};
/** Waits until a condition with this reason says so: its first words may be others (a claim is not bound yet). */
const condition = async ({ namespace, name }: Place, reason: string, says: RegExp): Promise<void> => {
  await until(
    `VMI ${name} says ${reason}: ${String(says)}`,
    async () => {
      const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', name);
      return vmi?.status?.conditions?.some((each) => each.reason === reason && says.test(each.message ?? ''));
    },
    { namespace },
  );
};

/** A server of images, on an address that pods reach. */
const IMAGE = Buffer.alloc(1 << 20, 'a bootable alpine, were it one. ');
const startImageServer = async (): Promise<Server> => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-length': IMAGE.length, 'content-type': 'application/octet-stream' });
    response.end(request.method === 'HEAD' ? undefined : IMAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, NODE_ADDRESS, resolve));
  return server;
};
let imageServer: Server | undefined;
const imageUrl = (): string => {
  const { port } = imageServer?.address() as AddressInfo;
  return `http://${NODE_ADDRESS}:${port}/images/alpine.iso`;
};

/** Two gibibytes, as the page asks for, and what ext4 takes of them; sparse. */
const storage = (name: string): LocalVolume => ({
  name: `e2e-examples-${name}`,
  mode: 'Filesystem',
  mebibytes: 2300,
  saysMebibytes: 2048,
});
const claimed = (index: number): LocalVolume => ({
  name: `e2e-examples-${index}`,
  mode: 'Filesystem',
  mebibytes: 80,
  saysMebibytes: 64,
});

/** The page's claims are on files here, and a file is no SCSI device: the guest has a disk, and the VMI says so. */
const asDiskInsteadOfLun: Particulars = {
  expect: async (place) => {
    await untilEvent(place.namespace, place.name, 'LunNotSupportedForFile', 360);
    await running(place);
  },
};

const PARTICULARS: Readonly<Record<string, Particulars>> = {
  'disk-lun.yaml': asDiskInsteadOfLun,
  'volume-persistentvolumeclaim.yaml': asDiskInsteadOfLun,
  'volume-cloudinitnocloud-secret.yaml': asDiskInsteadOfLun,
  'volume-cloudinitconfigdrive-secret.yaml': asDiskInsteadOfLun,
  'blockmultiqueue.yaml': {
    expect: async (place) => {
      const node = await get<{ status: { allocatable: { cpu: string } } }>('', 'node', NODE_NAME);
      // It asks for four CPUs: a smaller node has no place for it, and it says so.
      if (Number(node?.status.allocatable.cpu) > 4) return running(place);
      await condition(place, 'Unschedulable', /[Ii]nsufficient cpu/);
    },
  },
  'iothreads-shared.yaml': {
    // No claim can have this name, so the VM waits as for any that is not there.
    expect: async (place) => {
      await condition(place, 'FailedPvcNotFound', /vmi-shared_pvc does not exist/);
    },
  },
  'cache-writethrough.yaml': {
    before: async ({ namespace }) => {
      const volume: LocalVolume = { ...claimed(SLOTS.length), name: 'e2e-examples-alpine' };
      await provideVolume(volume);
      await apply({ ...claimOn(volume, namespace), metadata: { name: 'disk-alpine', namespace } });
    },
  },
  'volume-ephemeral.yaml': {
    ...asDiskInsteadOfLun,
    before: ({ directory }) => {
      const image = path.join(directory, 'disk.img');
      if (existsSync(image)) return;
      writeFileSync(image, '');
      truncateSync(image, 1 << 20);
      chownSync(image, 107, 107);
    },
  },
  'volume-containerdisk-path.yaml': {
    // Where the tiny guest's image has its disk.
    change: (_object, spec) => {
      for (const { containerDisk } of spec.volumes ?? []) if (containerDisk) containerDisk.path = '/disk/disk.img';
    },
  },
  'volume-hostdisk.yaml': {
    // /data is the machine's own here: the test bed keeps to its directory.
    change: (_object, spec) => {
      for (const { hostDisk } of spec.volumes ?? []) if (hostDisk) hostDisk.path = HOST_DISK;
    },
    expect: async (place) => {
      await running(place);
      const { size, uid, blocks } = statSync(HOST_DISK);
      assert.deepEqual([size, uid], [GIB, 107]);
      assert.ok(blocks * 512 < 1 << 20, `${blocks} blocks are not sparse`);
    },
  },
  'volume-datavolume-vm.yaml': {
    // A storage class, since the test bed has no default one, and a server that exists.
    change: (object) => {
      for (const { spec } of (object as VirtualMachine).spec.dataVolumeTemplates ?? []) {
        spec.pvc = { ...spec.pvc, storageClassName: 'local-fs' };
        spec.source = { http: { url: imageUrl() } };
      }
    },
    before: async () => {
      await provideVolume(storage('vm'));
    },
    expect: async (place) => {
      const { namespace, name } = place;
      const made = await until('its DataVolume', () => get<DataVolume>(namespace, 'datavolume', 'alpine-dv'), {
        namespace,
      });
      assert.deepEqual(
        made.metadata?.ownerReferences?.map((owner) => `${owner.kind} ${owner.name}`),
        [`VirtualMachine ${name}`],
      );
      assert.equal(await get(namespace, 'vmi', name), undefined);
      const { code, stderr } = await plugin(['start', name, '-n', namespace]);
      assert.equal(code, 0, stderr);
      await running(place);
      assert.equal((await get<DataVolume>(namespace, 'datavolume', 'alpine-dv'))?.status?.phase, 'Succeeded');
    },
  },
  'volume-datavolume-vmi.yaml': {
    before: async () => {
      await provideVolume(storage('vmi'));
    },
    expect: async (place) => {
      const { namespace, name } = place;
      // Without a DataVolume it is the claim of that name that is waited for.
      await condition(place, 'FailedPvcNotFound', /DataVolume alpine-datavolume .*does not exist/);
      assert.equal((await get<VirtualMachineInstance>(namespace, 'vmi', name))?.status?.phase, 'Pending');
      await apply({
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataVolume',
        metadata: { name: 'alpine-datavolume', namespace },
        spec: {
          source: { http: { url: imageUrl() } },
          pvc: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'local-fs',
            resources: { requests: { storage: '2Gi' } },
          },
        },
      });
      await running(place);
    },
  },
};

/** The Secrets and the ConfigMap that the page speaks of. */
const contents = (namespace: string): object[] => [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'testsecret', namespace },
    stringData: { userdata: '#cloud-config\n' },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'app-secret', namespace }, stringData: { user: 'admin' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app-config', namespace }, data: { greeting: 'hello' } },
];

const specOf = (object: VirtualMachine | VirtualMachineInstance): InstanceSpec => {
  const spec = object.kind === 'VirtualMachine' ? (object as VirtualMachine).spec.template.spec : object.spec;
  assert.ok(spec !== undefined && 'domain' in spec);
  return spec;
};

/** The example as it can run here. */
const adapted = (example: PageExample, namespace: string): VirtualMachine | VirtualMachineInstance => {
  const object = structuredClone(example.object) as unknown as VirtualMachine | VirtualMachineInstance;
  object.metadata = { ...object.metadata, namespace };
  const spec = specOf(object);
  spec.terminationGracePeriodSeconds = 0;
  // QEMU has opened everything, and nobody looks into the guest: that it stands still saves a core.
  spec.startStrategy = 'Paused';
  for (const { containerDisk } of spec.volumes ?? [])
    if (containerDisk) Object.assign(containerDisk, { image: TINY_GUEST, imagePullPolicy: 'Never' });
  PARTICULARS[example.file]?.change?.(object, spec);
  return object;
};

const submit = async (example: PageExample, namespace: string): Promise<void> => {
  const object = adapted(example, namespace);
  await (example.featureGates.length > 0 ? untilAdmitted(object) : apply(object));
};

describe('the examples of the page on disks and volumes', function () {
  this.timeout(900_000);
  const examples = pageExamples();
  const admitted = examples.filter(({ refused }) => refused === undefined);
  let directories: readonly string[] = [];
  let isReady = false;

  before(async function () {
    needsTestBed(this, 'the storage behind the claims is made on the node');
    isReady = true;
    await openGates(examples.flatMap(({ featureGates }) => featureGates));
    imageServer = await startImageServer();
    directories = await Promise.all(
      SLOTS.map(async (namespace, index) => {
        await makeNamespace(namespace);
        const volume = claimed(index);
        const directory = await provideVolume(volume);
        await apply({ ...claimOn(volume, namespace), metadata: { name: 'mypvc', namespace } });
        await Promise.all(contents(namespace).map(apply));
        return directory;
      }),
    );
  });
  after(async () => {
    if (!isReady) return;
    // Its pods have the volumes mounted.
    await removeWhole('', 'namespace', SLOTS, 180);
    imageServer?.closeAllConnections();
    imageServer?.close();
    for (const { name } of [...SLOTS.map((_, index) => claimed(index)), ...['vm', 'vmi', 'alpine'].map(storage)])
      await withdrawVolume(name);
    rmSync(path.dirname(HOST_DISK), { recursive: true, force: true });
  });

  for (const { file, object, refused } of examples) {
    if (!refused) continue;
    it(`${file} is refused, with the words of its comment`, async () => {
      const { metadata } = object as unknown as VirtualMachineInstance;
      const answer = await refusal({ ...object, metadata: { ...metadata, namespace: SLOTS[0] } });
      assert.ok(answer.includes(refused.field) && answer.includes(refused.message), answer);
    });
  }

  for (let first = 0; first < admitted.length; first += SLOTS.length) {
    const group = admitted.slice(first, first + SLOTS.length);
    describe(`side by side: ${group[0]?.file} to ${group.at(-1)?.file}`, () => {
      const placeOf = ({ object }: PageExample, index: number): Place => ({
        namespace: SLOTS[index] ?? '',
        name: (object as unknown as VirtualMachineInstance).metadata?.name ?? '',
        directory: directories[index] ?? '',
      });
      // Settled before the tests, told by each for itself.
      let submissions: readonly PromiseSettledResult<void>[] = [];
      before(async () => {
        submissions = await Promise.allSettled(
          group.map(async (example, index) => {
            const place = placeOf(example, index);
            await PARTICULARS[example.file]?.before?.(place);
            await submit(example, place.namespace);
          }),
        );
      });
      after(async () => {
        await Promise.all(group.map((example, index) => gone(placeOf(example, index))));
      });
      for (const [index, example] of group.entries())
        it(`${example.file} ${PARTICULARS[example.file]?.expect ? 'does what its comment says' : 'runs'}`, async () => {
          const submission = submissions[index];
          if (submission?.status === 'rejected') throw submission.reason;
          await (PARTICULARS[example.file]?.expect ?? running)(placeOf(example, index));
        });
    });
  }
});

/** Instance and pods: the next one uses the same claim. */
const gone = async ({ namespace, name }: Place): Promise<void> => {
  // The VM first: it would make a new instance.
  await removeWhole(namespace, 'vm', [name], 120);
  await removeWhole(namespace, 'vmi', [name], 120);
  await until('no pod', async () => (await list(namespace, 'pod')).length === 0, { namespace });
};
