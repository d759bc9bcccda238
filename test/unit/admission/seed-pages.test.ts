import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';

/*
 * What the pages of old manuals have as examples and statements, as far as admission answers it: docs/traceability.tsv
 * names these tests. Whether this version acts on a field is another question (field.not-acted-on).
 */

type Spec = Readonly<Record<string, unknown>>;

const contextOf = (featureGates: readonly string[]): AdmissionContext => ({
  config: resolveClusterConfig({
    metadata: { name: 'kubevirt' },
    spec: { configuration: { developerConfiguration: { featureGates: [...featureGates] } } },
  }),
  newUuid: () => '00000000-0000-4000-8000-000000000000',
  allowNotActedOn: true,
});

const answerTo = (spec: Spec, featureGates: readonly string[] = [], apiVersion = 'kubevirt.io/v1alpha3') =>
  admit(
    {
      kind: 'VirtualMachineInstance',
      operation: 'CREATE',
      object: { apiVersion, kind: 'VirtualMachineInstance', metadata: { name: 'testvmi', namespace: 'default' }, spec },
      user: { username: 'alice' },
    },
    contextOf(featureGates),
  );

/** A VM of one disk and its volume, as the pages write it. */
const oneDisk = (target: Spec, source: Spec, domain: Spec = {}): Spec => ({
  domain: {
    resources: { requests: { memory: '64M' } },
    devices: { disks: [{ name: 'mydisk', ...target }] },
    ...domain,
  },
  volumes: [{ name: 'mydisk', ...source }],
});
const claim: Spec = { persistentVolumeClaim: { claimName: 'mypvc' } };
const image: Spec = { containerDisk: { image: 'vmidisks/fedora25:latest' } };
const domainOf = (domain: Spec): Spec => ({
  domain: { devices: {}, resources: { requests: { memory: '64M' } }, ...domain },
});

const admits = (title: string, spec: Spec, featureGates?: readonly string[], apiVersion?: string): void =>
  void it(title, () => assert.deepEqual(answerTo(spec, featureGates, apiVersion).causes, []));

const refuses = (title: string, spec: Spec, field: string, message: RegExp, featureGates?: readonly string[]): void =>
  void it(title, () => {
    const { causes } = answerTo(spec, featureGates);
    assert.deepEqual(
      causes.map((cause) => cause.field),
      [field],
    );
    assert.match(causes[0]?.message ?? '', message);
  });

const DISK = 'spec.domain.devices.disks[0]';
const VOLUME = 'spec.volumes[0]';

describe('the pages of old manuals, at admission', () => {
  admits(
    'v1alpha2, a grace period and the overhead overcommitted',
    {
      terminationGracePeriodSeconds: 30,
      ...domainOf({ resources: { overcommitGuestOverhead: true, requests: { memory: '1024M' } } }),
    },
    [],
    'kubevirt.io/v1alpha2',
  );
  admits('a claim as a lun', oneDisk({ lun: {} }, claim));
  admits('a claim as a disk', oneDisk({ disk: {} }, claim));
  admits('a claim as a CD-ROM that is not read-only', oneDisk({ cdrom: { readonly: false, bus: 'sata' } }, claim));
  admits(
    'an image at a path of its container',
    oneDisk(
      { disk: {} },
      {
        containerDisk: { image: 'vmidisks/fedora25:latest', path: '/custom-disk-path/fedora25.qcow2' },
      },
    ),
  );
  admits(
    'a hostDisk of 1Gi that is made where it is not',
    oneDisk(
      { disk: {} },
      {
        hostDisk: { capacity: '1Gi', path: '/data/disk.img', type: 'DiskOrCreate' },
      },
    ),
    ['HostDisk'],
  );
  admits('a service account as a disk', oneDisk({ disk: {} }, { serviceAccount: { serviceAccountName: 'default' } }));
  admits('downwardMetrics, with their feature gate', oneDisk({ disk: {} }, { downwardMetrics: {} }), [
    'DownwardMetrics',
  ]);
  for (const ioThreadsPolicy of ['shared', 'auto']) {
    admits(`I/O threads of the policy ${ioThreadsPolicy}`, {
      ...oneDisk({ disk: {}, dedicatedIOThread: true }, claim, { ioThreadsPolicy, cpu: { cores: 2 } }),
    });
  }
  admits(
    'blockMultiQueue with a CPU request',
    domainOf({
      resources: { requests: { memory: '64M', cpu: '4' } },
      devices: { blockMultiQueue: true },
    }),
  );
  for (const cache of ['none', 'writethrough']) {
    admits(`the cache mode ${cache}`, oneDisk({ disk: {}, cache }, claim));
  }

  refuses('a floppy, whatever its bus', oneDisk({ floppy: { bus: 'fdc' } }, claim), `${DISK}.floppy`, /deprecated/);
  // What the guest writes goes into a file, which no lun can be: it is a disk then, and an event says so.
  admits('an ephemeral claim as a lun', oneDisk({ lun: {} }, { ephemeral: claim }));
  refuses('a volume of two sources', oneDisk({ disk: {} }, { ...claim, ...image }), VOLUME, /2 sources/);
  refuses('a volume of none', oneDisk({ disk: {} }, {}), VOLUME, /has no source/);
  refuses(
    'registryDisk, and says what it is called now',
    oneDisk({ disk: {} }, { registryDisk: { image: 'a/b' } }),
    `${VOLUME}.registryDisk`,
    /called containerDisk here/,
  );
  refuses(
    'a capacity of a hostDisk that must exist',
    oneDisk({ disk: {} }, { hostDisk: { capacity: '1Gi', path: '/data/disk.img', type: 'Disk' } }),
    `${VOLUME}.hostDisk.capacity`,
    /DiskOrCreate|exists/,
    ['HostDisk'],
  );
  refuses(
    'a hostDisk without a path',
    oneDisk({ disk: {} }, { hostDisk: { path: '', type: 'Disk' } }),
    `${VOLUME}.hostDisk.path`,
    /empty/,
    ['HostDisk'],
  );
  refuses(
    'a serial number with other characters',
    oneDisk({ disk: {}, serial: 'CVLY623300HK240D/' }, claim),
    `${DISK}.serial`,
    /write letters, digits and _\.\+-/,
  );
  refuses(
    'paths for the keys of a ConfigMap',
    oneDisk({ disk: {} }, { configMap: { name: 'app-config', items: [{ key: 'a', path: 'b' }] } }),
    `${VOLUME}.configMap.items`,
    /not a known field/,
  );
  refuses(
    'a policy of I/O threads that does not exist',
    domainOf({ ioThreadsPolicy: 'many' }),
    'spec.domain.ioThreadsPolicy',
    /"many"/,
  );
  refuses(
    'an emulator thread of its own without dedicated CPUs',
    domainOf({ cpu: { cores: 2, isolateEmulatorThread: true } }),
    'spec.domain.cpu.isolateEmulatorThread',
    /dedicated/,
  );
  refuses(
    'blockMultiQueue without CPUs',
    domainOf({ devices: { blockMultiQueue: true } }),
    'spec.domain.devices.blockMultiQueue',
    /CPU/,
  );
  refuses(
    'a cache mode that does not exist',
    oneDisk({ disk: {}, cache: 'unsafe' }, claim),
    `${DISK}.cache`,
    /none, writethrough/,
  );
});
