import { mutate } from '../../../src/admission/mutate.js';
import type { CheckedKind } from '../../../src/api/check-schema.js';
import { manifest } from '../../../src/validators/examples/manifest.js';
import { decide } from '../../../src/webhook/admission-routes.js';
import { decodeReview } from '../../../src/webhook/review.js';
import { deepFreeze, review } from './properties.js';
import { LENIENT } from './generators.js';

/** Objects of half a megabyte, each large in another way, and how long admission takes over them. */

const KILOBYTES = 500;
const numbered = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
/** As many parts as make half a megabyte. */
const filled = <T>(make: (i: number) => T): T[] => {
  const bytes = JSON.stringify(make(1000)).length + 1;
  return numbered(Math.ceil((KILOBYTES * 1024) / bytes), make);
};
const labels = (count: number) => Object.fromEntries(numbered(count, (i) => [`example.com/label-${i}`, `value-${i}`]));

interface Large {
  readonly name: string;
  readonly kind: CheckedKind;
  readonly object: unknown;
}

const instance = (name: string, change: Readonly<Record<string, unknown>>): Large => ({
  name,
  kind: 'VirtualMachineInstance',
  object: deepFreeze(manifest(change)),
});
const machine = (name: string, change: Readonly<Record<string, unknown>>): Large => ({
  name,
  kind: 'VirtualMachine',
  object: deepFreeze(manifest(change, 'VirtualMachine')),
});

const disks = numbered(256, (i) => ({ name: `disk-${i}`, disk: { bus: 'virtio' }, serial: 'x'.repeat(200) }));
const volumes = numbered(256, (i) => ({ name: `disk-${i}`, cloudInitNoCloud: { userData: 'x'.repeat(1700) } }));
const one = { name: 'same', disk: { bus: 'ide' }, cache: 'fast', io: 'slow', serial: 'a b', errorPolicy: 'none' };

export const LARGE: readonly Large[] = [
  instance('256 disks and volumes', { 'spec.domain.devices.disks': disks, 'spec.volumes': volumes }),
  machine('256 disks and volumes in a template', {
    'spec.template.spec.domain.devices.disks': disks,
    'spec.template.spec.volumes': volumes,
  }),
  instance('256 disks that are wrong in every way', {
    'spec.domain.devices.disks': numbered(256, () => ({ ...one, tag: 'x'.repeat(1800) })),
  }),
  instance('one long text', { 'spec.hostname': 'a'.repeat(KILOBYTES * 1024) }),
  instance('labels', { 'metadata.labels': labels(12_000) }),
  instance('node selectors', { 'spec.nodeSelector': labels(12_000) }),
  instance('unknown fields', {
    'spec.domain': { devices: {}, ...Object.fromEntries(filled((i) => [`unknown-${i}`, 'x'])) },
  }),
  instance('a list that is too long', {
    'spec.domain.devices.disks': filled((i) => ({ name: `disk-${i}`, disk: {} })),
  }),
  instance('tolerations', { 'spec.tolerations': filled((i) => ({ key: `a-${i}`, operator: 'Exists' })) }),
  instance('CPU features', { 'spec.domain.cpu.features': filled((i) => ({ name: `f-${i}`, policy: 'perhaps' })) }),
  instance('terms of affinity', {
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution': filled((i) => ({
      topologyKey: `zone ${i}`,
      labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
    })),
  }),
  instance('spread constraints', {
    'spec.topologySpreadConstraints': filled((i) => ({
      maxSkew: 1,
      topologyKey: `zone-${i}`,
      whenUnsatisfiable: 'DoNotSchedule',
    })),
  }),
  instance('ports', {
    'spec.domain.devices.interfaces': [
      { name: 'default', masquerade: {}, ports: filled((i) => ({ name: `p-${i}`, port: 80 })) },
    ],
    'spec.networks': [{ name: 'default', pod: {} }],
  }),
  instance('DHCP options', {
    'spec.domain.devices.interfaces': [
      { name: 'default', masquerade: {}, dhcpOptions: { privateOptions: filled((i) => ({ option: i, value: 'x' })) } },
    ],
    'spec.networks': [{ name: 'default', pod: {} }],
  }),
  instance('port ranges', {
    'spec.domain.devices.interfaces': [
      { name: 'default', masquerade: {}, portRanges: filled((i) => ({ protocol: 'TCP', start: i, end: i })) },
    ],
    'spec.networks': [{ name: 'default', pod: {} }],
  }),
  instance('resource claims', { 'spec.resourceClaims': filled((i) => ({ name: `c-${i}`, resourceClaimName: 'x' })) }),
  instance('GPUs', {
    'spec.domain.devices.gpus': filled((i) => ({ name: `g-${i}`, claimName: 'c', requestName: `r-${i}` })),
  }),
  instance('host devices', { 'spec.domain.devices.hostDevices': filled((i) => ({ name: `g-${i}`, deviceName: 'd' })) }),
  instance('file systems', { 'spec.domain.devices.filesystems': filled((i) => ({ name: `f-${i}`, virtiofs: {} })) }),
  instance('inputs', { 'spec.domain.devices.inputs': filled((i) => ({ name: `i-${i}`, type: 'mouse' })) }),
  instance('name servers', { 'spec.dnsConfig': { nameservers: filled((i) => `10.0.0.${i}`) } }),
  machine('DataVolume templates', {
    'spec.dataVolumeTemplates': filled((i) => ({
      metadata: { name: `d-${i}` },
      spec: { storage: {}, source: { blank: {} } },
    })),
  }),
];

const cpu = (work: () => void): number => {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
};

/** Milliseconds of CPU of each of the two answers, the best of three. */
export const measure = (object: unknown, kind: CheckedKind): { mutate: number; validate: number } => {
  const request = { kind, operation: 'CREATE', object, user: { username: 'alice' } } as const;
  const next = { ...request, object: mutate(request, LENIENT).object };
  return {
    mutate: cpu(() => decide('mutate', decodeReview(review(request, 'u')), LENIENT)),
    validate: cpu(() => decide('validate', decodeReview(review(next, 'u')), LENIENT)),
  };
};
