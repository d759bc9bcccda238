import { mutate } from '../../../src/admission/mutate.js';
import { CHECKED_KINDS, schemaOf, type CheckedKind } from '../../../src/api/schema-check/check-schema.js';
import { isObjectMeta, type SchemaNode } from '../../../src/api/schema-check/schema-node.js';
import { base, manifest } from '../../../src/validators/rule/example-manifest.js';
import { decide } from '../../../src/webhook/admission/routes.js';
import { decodeReview } from '../../../src/webhook/admission/review.js';
import { valueOf } from '../../support/schema-values.js';
import { LENIENT } from './generators.js';
import { review } from './properties.js';

/*
 * Objects of half a megabyte, and how long admission takes over them. Nearly all are large in one place: every list,
 * map, object and text of the schema in turn is filled up. What is made follows the schema, so a field that is added
 * tomorrow is tried tomorrow.
 */

/** Bytes. */
const LARGE = 500_000;

type Json = Record<string, unknown>;
/** `metadata.labels`, `spec.volumes[]`: `[]` is every item. */
interface Place {
  readonly path: readonly string[];
  readonly node: SchemaNode;
}

const MAX_DEPTH = 14;

const placesBelow = (node: SchemaNode, path: readonly string[]): Place[] => {
  if (path.length > MAX_DEPTH) return [];
  const own = { path, node };
  if (node.type === 'array') return [own, ...(node.items ? placesBelow(node.items, [...path, '[]']) : [])];
  if (node.additionalProperties !== undefined) return [own];
  if (isObjectMeta(node)) {
    const { labels, annotations } = node.properties ?? {};
    return [
      ...(labels ? placesBelow(labels, [...path, 'labels']) : []),
      ...(annotations ? placesBelow(annotations, [...path, 'annotations']) : []),
    ];
  }
  if (node.type === 'object')
    return [
      own,
      ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => placesBelow(child, [...path, name])),
    ];
  return node.type === 'string' ? [own] : [];
};

/** Lists, maps, objects and texts of a kind. */
const placesOf = (kind: CheckedKind): Place[] => placesBelow(schemaOf(kind), []);

/** How a place is filled. */
interface Filling {
  readonly name: string;
  /** Undefined: nothing to fill there in this way. */
  readonly fill: (node: SchemaNode) => unknown;
}

const sizeOf = (value: unknown): number => JSON.stringify(value).length + 1;

const listOf = (whole: number, alike: boolean) => (node: SchemaNode) => {
  const { items } = node;
  if (node.type !== 'array' || items === undefined) return undefined;
  const list: unknown[] = [];
  for (let size = 0; size < LARGE && list.length < (node.maxItems ?? Infinity);) {
    const item = valueOf(items, { whole, index: alike ? 0 : list.length });
    size += sizeOf(item);
    list.push(item);
  }
  return list;
};

const mapOf = (prefix: string) => (node: SchemaNode) => {
  const { additionalProperties: values } = node;
  if (values === undefined) return undefined;
  const map: Json = {};
  for (let size = 0, i = 0; size < LARGE; i += 1) {
    const value = valueOf(values, { whole: 3, index: i });
    map[`${prefix}${i}`] = value;
    size += sizeOf(value) + prefix.length + 9;
  }
  return map;
};

/** Fields that no schema has, each of them nearly one that it has. */
const unknownFields = (node: SchemaNode) => {
  const known = Object.keys(node.properties ?? {});
  if (node.type !== 'object' || node.additionalProperties !== undefined) return undefined;
  const fields = valueOf(node, { whole: 0, index: 0 }) as Json;
  for (let i = 0; i < LARGE / 16; i += 1) fields[`${known[i % known.length]?.slice(1, 9) ?? ''}${i}`] = i;
  return fields;
};

const textOf = (unit: string) => (node: SchemaNode) =>
  node.type === 'string' && node.enum === undefined ? unit.repeat(LARGE / unit.length) : undefined;

const FILLINGS: readonly Filling[] = [
  { name: 'small items', fill: listOf(0, false) },
  { name: 'small items, all alike', fill: listOf(0, true) },
  { name: 'whole items', fill: listOf(4, false) },
  { name: 'whole items, all alike', fill: listOf(4, true) },
  { name: 'keys', fill: mapOf('example.com/key-') },
  { name: 'bad keys', fill: mapOf('_/') },
  { name: 'unknown fields', fill: unknownFields },
  ...['a', '-', 'a.', '/', ' ', '0', 'a-', '\n', '%', ':', '0:', 'aA+/=', '"'].map((unit) => ({
    name: `text of ${JSON.stringify(unit)}`,
    fill: textOf(unit),
  })),
];

/** Puts a value at a path; what is on the way and is not there is made by the schema, lists with one item. */
const put = (root: Json, rootNode: SchemaNode, path: readonly string[], value: unknown): void => {
  let at: Json | unknown[] = root;
  let node: SchemaNode | undefined = rootNode;
  for (const [i, step] of path.entries()) {
    const child: SchemaNode | undefined = step === '[]' ? node?.items : node?.properties?.[step];
    const key = step === '[]' ? '0' : step;
    const container = at as Json;
    if (i === path.length - 1) container[key] = value;
    else container[key] ??= valueOf(child ?? {}, { whole: 0, index: 0 }, step);
    at = container[key] as Json | unknown[];
    node = child;
  }
};

const BASES: Readonly<Record<CheckedKind, () => Json>> = {
  VirtualMachineInstance: () => base('VirtualMachineInstance'),
  VirtualMachine: () => base('VirtualMachine'),
  VirtualMachineInstanceReplicaSet: () => base('VirtualMachineInstanceReplicaSet'),
  KubeVirt: () => ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: 'kubevirt' },
    spec: {},
  }),
};

export interface LargeObject {
  readonly name: string;
  readonly kind: CheckedKind;
  readonly object: unknown;
}

const withValue = (kind: CheckedKind, path: readonly string[], value: unknown): Json => {
  const object = BASES[kind]();
  put(object, schemaOf(kind), path, value);
  return JSON.parse(JSON.stringify(object)) as Json;
};

const numbered = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const disks = numbered(256, (i) => ({ name: `disk-${i}`, disk: { bus: 'virtio' }, serial: 'x'.repeat(200) }));
const volumes = numbered(256, (i) => ({ name: `disk-${i}`, cloudInitNoCloud: { userData: 'x'.repeat(1700) } }));
/** Each nearly all of the others: the most that a search for what was meant can be asked. */
const alike = (beginning: string) => (i: number) => ({ name: `${beginning}${'a'.repeat(56)}-${i}` });

/** What is large in two places that refer to each other. */
const PAIRS: readonly LargeObject[] = [
  {
    name: '256 disks and volumes',
    kind: 'VirtualMachineInstance',
    object: manifest({ 'spec.domain.devices.disks': disks, 'spec.volumes': volumes }),
  },
  {
    name: '256 disks and volumes in a template',
    kind: 'VirtualMachine',
    object: manifest(
      { 'spec.template.spec.domain.devices.disks': disks, 'spec.template.spec.volumes': volumes },
      'VirtualMachine',
    ),
  },
  {
    name: '128 disks whose names are nearly those of 128 volumes',
    kind: 'VirtualMachineInstance',
    object: manifest({
      'spec.domain.devices.disks': numbered(128, alike('b')),
      'spec.volumes': numbered(128, alike('c')).map((volume) => ({ ...volume, emptyDisk: { capacity: '1Gi' } })),
    }),
  },
  {
    name: '256 interfaces whose names are nearly those of 256 networks',
    kind: 'VirtualMachineInstance',
    object: manifest({
      'spec.domain.devices.interfaces': numbered(256, alike('b')).map((one) => ({ ...one, bridge: {} })),
      'spec.networks': numbered(256, alike('c')).map((one) => ({ ...one, multus: { networkName: 'x' } })),
    }),
  },
  {
    name: '3,000 volumes to add, 3,000 to remove',
    kind: 'VirtualMachine',
    object: manifest(
      {
        'status.volumeRequests': numbered(6000, (i) =>
          i % 2 === 1
            ? { removeVolumeOptions: { name: `v-${i - 1}` } }
            : {
                addVolumeOptions: {
                  name: `v-${i}`,
                  disk: { name: 'x', disk: { bus: 'scsi' } },
                  volumeSource: { dataVolume: { name: 'x' } },
                },
              },
        ),
      },
      'VirtualMachine',
    ),
  },
  {
    name: '3,000 volumes to add',
    kind: 'VirtualMachine',
    object: manifest(
      {
        'status.volumeRequests': numbered(3000, (i) => ({
          addVolumeOptions: {
            name: `v-${i}`,
            disk: { name: 'x', disk: { bus: 'scsi' }, serial: 'x'.repeat(20) },
            volumeSource: { dataVolume: { name: 'x' } },
          },
        })),
      },
      'VirtualMachine',
    ),
  },
];

/**
 * Every place of every kind, filled in every way that fits it: some 17,000. One at a time: together they would not fit
 * into memory.
 */
export function* largeObjects(): Generator<LargeObject> {
  yield* PAIRS;
  for (const kind of CHECKED_KINDS) {
    for (const { path, node } of placesOf(kind)) {
      for (const { name, fill } of FILLINGS) {
        const value = fill(node);
        if (value === undefined) continue;
        const where = path.join('.').replaceAll('.[]', '[]');
        yield { name: `${kind} ${where}: ${name}`, kind, object: withValue(kind, path, value) };
      }
    }
  }
}

/** The pairs, and a VM whose lists and maps are filled one at a time, each in one of the ways. */
export function* someLargeObjects(): Generator<LargeObject> {
  yield* PAIRS;
  const kind = 'VirtualMachine';
  const places = placesOf(kind).filter(({ node }) => node.type === 'array' || node.additionalProperties !== undefined);
  for (const [i, { path, node }] of places.entries()) {
    for (let tried = 0; tried < FILLINGS.length; tried += 1) {
      const { name, fill } = FILLINGS[(i + tried) % FILLINGS.length] as Filling;
      const value = fill(node);
      if (value === undefined) continue;
      yield { name: `${path.join('.')}: ${name}`, kind, object: withValue(kind, path, value) };
      break;
    }
  }
}

const cpu = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** Above that a measurement is made again: the garbage collector, or another program, may have come in between. */
const DOUBTFUL_MS = 25;

/** The least of up to three. */
const least = (work: () => void): number => {
  let best = cpu(work);
  for (let i = 0; i < 2 && best > DOUBTFUL_MS; i += 1) best = Math.min(best, cpu(work));
  return best;
};

/** Milliseconds of CPU of each of the two answers. */
export const measure = ({ kind, object }: LargeObject): { mutate: number; validate: number } => {
  const request = { kind, operation: 'CREATE', object, user: { username: 'alice' } } as const;
  const next = { ...request, object: mutate(request, LENIENT).object };
  return {
    mutate: least(() => decide('mutate', decodeReview(review(request, 'u')), LENIENT)),
    validate: least(() => decide('validate', decodeReview(review(next, 'u')), LENIENT)),
  };
};
