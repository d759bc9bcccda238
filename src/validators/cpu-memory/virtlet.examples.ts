import { CPU, type Change, type Examples, type ExampleTable } from '../rule/examples.js';

const field = (key: string): string => `metadata.annotations[${key}]`;
/** Examples of a rule on one annotation: its values, each with what else is set. */
const annotation = (
  key: string,
  accepts: readonly (readonly [value: string, change?: Change])[],
  refuses: readonly (readonly [value: string, change?: Change])[],
): Examples => {
  const change = ([value, more = {}]: readonly [string, Change?]): Change => ({
    'metadata.annotations': { [key]: value },
    ...more,
  });
  return { accepts: accepts.map(change), refuses: refuses.map((each) => [change(each), field(key)]) };
};
const SETTING = 'VirtletLibvirtCPUSetting';
const UUID = '53008994-44c0-4017-ad44-9c49758083da';
const OTHER_UUID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
/** The examples' base has 1 GiB, which is 1048576 KiB. */
const cells = (...memory: string[]): string =>
  `numa: {cell: [${memory.map((each, index) => `{cpus: "${index}", memory: "${each}", unit: MiB}`).join(', ')}]}`;

export const virtletExamples: ExampleTable = {
  'ann.vcpu-count': annotation('VirtletVCPUCount', [['2'], ['255'], ['1'], ['0']], [['two'], ['256'], ['1.5'], ['']]),
  'ann.vcpu-count-conflict': annotation(
    'VirtletVCPUCount',
    [
      ['4', { [`${CPU}.cores`]: 4 }],
      ['4', { [`${CPU}.cores`]: 2, [`${CPU}.sockets`]: 2 }],
      ['4', { 'spec.domain.resources.limits.cpu': '2' }],
    ],
    [
      ['4', { [`${CPU}.cores`]: 2 }],
      ['1', { [`${CPU}.sockets`]: 2 }],
    ],
  ),
  'ann.cpu-model': annotation(
    'VirtletCPUModel',
    [['host-model'], ['']],
    [['host-passthrough'], ['Host-Model'], ['host-model', { 'spec.architecture': 'arm64' }]],
  ),
  'ann.cpu-model-conflict': annotation(
    'VirtletCPUModel',
    [
      ['host-model', { [`${CPU}.model`]: 'host-model' }],
      ['host-model', { [`${CPU}.features`]: [{ name: 'vmx' }] }],
    ],
    [
      ['host-model', { [`${CPU}.model`]: 'Westmere' }],
      ['host-model', { [`${CPU}.features`]: [{ name: 'svm', policy: 'disable' }] }],
    ],
  ),
  'ann.cpu-setting': annotation(
    SETTING,
    [['mode: host-model'], ['{"mode": "custom", "model": {"value": "Westmere"}}'], ['{}']],
    [['mode: [custom'], ['mode: custom\n---\nmode: custom'], ['a: &a {}\nb: *a'], ['['.repeat(4000)]],
  ),
  'ann.cpu-setting-field': annotation(
    SETTING,
    [
      ['model: {value: Westmere}\nfeatures: [{name: avx, policy: disable}]'],
      ['Mode: custom\nMODEL: {vendor_id: GenuineIntel, value: Westmere}'],
    ],
    [
      ['model: {value: Westmere}\nfeatures: [{name: avx, polici: disable}]'],
      ['mode: custom\nMode: custom\nmodel: {value: Westmere}'],
    ],
  ),
  'ann.cpu-setting-value': annotation(
    SETTING,
    [
      ['model: {value: Westmere, fallback: allow}'],
      ['model: {value: Westmere}\nfeatures: [{name: avx, policy: disable}]'],
      ['mode: host-passthrough\nmigratable: on'],
    ],
    [
      ['model: {value: Westmere, fallback: deny}'],
      ['mode: host-model\nmodel: {value: Westmere}'],
      ['features: [{name: avx}]'],
      ['- mode'],
    ],
  ),
  'ann.cpu-setting-topology': annotation(
    SETTING,
    [
      ['topology: {sockets: 2, cores: 4, threads: 1}', { [`${CPU}.cores`]: 8 }],
      ['topology: {sockets: 2, cores: 4, threads: 1}'],
    ],
    [
      ['topology: {sockets: 2, cores: 4, threads: 1}', { [`${CPU}.cores`]: 4 }],
      ['topology: {sockets: 1, dies: 2, cores: 1, threads: 1}', { [`${CPU}.cores`]: 1 }],
    ],
  ),
  'ann.cpu-setting-numa': annotation(
    SETTING,
    [[cells('1024')], [cells('512', '512'), { [`${CPU}.cores`]: 2 }]],
    [
      [cells('1023')],
      [cells('512', '512')],
      ['numa: {cell: [{cpus: "0-1", memory: 524288}, {cpus: "1", memory: 524288}]}', { [`${CPU}.cores`]: 2 }],
    ],
  ),
  'ann.cpu-setting-conflict': annotation(
    SETTING,
    [
      ['model: {value: Westmere}', { [`${CPU}.model`]: undefined }],
      ['{}', { [`${CPU}.model`]: 'Westmere' }],
      ['model: {value: Westmere}', { [`${CPU}.cores`]: 2 }],
    ],
    [
      ['model: {value: Westmere}', { [`${CPU}.model`]: 'Westmere' }],
      ['mode: host-model', { [`${CPU}.model`]: 'Westmere', [`${CPU}.features`]: [{ name: 'avx' }] }],
    ],
  ),
  'ann.system-uuid': annotation(
    'VirtletSystemUUID',
    [[UUID], [`urn:uuid:${UUID}`], [`{${UUID.toUpperCase()}}`]],
    [['53008994'], [`{${UUID}`], ['00000000-0000-0000-0000-000000000000'], ['']],
  ),
  'ann.system-uuid-conflict': annotation(
    'VirtletSystemUUID',
    [[UUID, { 'spec.domain.firmware.uuid': UUID.toUpperCase() }]],
    [
      [UUID, { 'spec.domain.firmware.uuid': OTHER_UUID }],
      [OTHER_UUID, { 'spec.domain.firmware.uuid': UUID }],
    ],
  ),
};
