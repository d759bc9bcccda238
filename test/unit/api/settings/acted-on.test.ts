import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { VirtualMachineInstanceSpec } from '../../../../src/api/schema/virtualmachineinstance.js';
import type { SchemaNode } from '../../../../src/api/schema-check/schema-node.js';
import { VMI_SPEC_NOT_ACTED_ON } from '../../../../src/api/settings/acted-on.js';
import { buildDomain, domainNotices } from '../../../../src/domain/index.js';
import { buildLauncherPod } from '../../../../src/launcher/index.js';
import { defaultInstance } from '../../../../src/mutators/instance.js';
import type { MutationContext } from '../../../../src/mutators/mutation.js';
import { config, context, vmi } from '../../domain/fixtures.js';
import { ACTS_ELSEWHERE, BASES, SAMPLES, WHOLE } from './acted-on-samples.js';

/*
 * Nothing is silently ignored: every field of a VMI's spec changes the guest's domain, its pod or what its owner is told,
 * or it is on the list of what is refused, or it says here which program acts on it.
 */

const schema = VirtualMachineInstanceSpec as unknown as SchemaNode;
type Json = Record<string, unknown>;

/** Every field without fields of its own, as `domain.devices.disks[].serial`; those of WHOLE count as one. */
const leaves = (node: SchemaNode, path = ''): [path: string, node: SchemaNode][] => {
  if (WHOLE.includes(path)) return [[path, node]];
  if (node.type === 'array') {
    const below = node.items === undefined ? [] : leaves(node.items, `${path}[]`);
    return below.length > 0 && node.items?.type === 'object' ? below : [[path, node]];
  }
  const children = Object.entries(node.properties ?? {});
  if (children.length === 0) return [[path, node]];
  return children.flatMap(([name, child]) => leaves(child, path === '' ? name : `${path}.${name}`));
};

const samplesOf = (path: string, node: SchemaNode): readonly unknown[] => {
  const own = SAMPLES[path];
  if (own !== undefined) return own;
  if (node.type === 'boolean') return [true, false];
  if (node.enum) return node.enum;
  if (node.type === 'integer' || node.type === 'number') return [1, 2, 3];
  if (node.pattern !== undefined || node['x-kubernetes-int-or-string'] === true) return ['1Gi', '2'];
  if (node.type === 'string') return ['sample'];
  if (node.additionalProperties !== undefined) return [{ sample: '1' }];
  if (node.type === 'array') return [['sample']];
  return [{}];
};

/** Sets a path; every list on it has its first item filled, which the base may have. */
const set = (object: Json, path: string, value: unknown): void => {
  const steps = path.replaceAll('[]', '.[]').split('.');
  let at: unknown = object;
  steps.forEach((step, index) => {
    const last = index === steps.length - 1;
    const key = step === '[]' ? 0 : step;
    const holder = at as Record<string | number, unknown>;
    if (last) holder[key] = value;
    else {
      holder[key] ??= steps[index + 1] === '[]' ? [] : {};
      at = holder[key];
    }
  });
};
const parentOf = (path: string): string => path.replace(/(\[\]|\.[^.[]+)$/, '');

/** The longest base that fits: what must be there so that the field can have an effect. */
const baseOf = (path: string): VirtualMachineInstance => {
  const subject = structuredClone(vmi({}, {}, {}));
  const [, change] =
    Object.entries(BASES)
      .filter(([prefix]) => path.startsWith(prefix))
      .sort(([a], [b]) => b.length - a.length)[0] ?? [];
  change?.(subject.spec);
  return subject;
};

const outcome = (make: () => unknown): string => {
  try {
    return JSON.stringify(make());
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
};

const MUTATION = (settings: ReturnType<typeof config>): MutationContext => ({
  config: settings,
  newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223',
  now: () => '2026-01-01T00:00:00Z',
  refuse: () => undefined,
});

/** All that a VMI becomes. */
const effectOf = (subject: VirtualMachineInstance): string => {
  const settings = config({ developerConfiguration: { featureGates: ['HostDisk', 'DownwardMetrics'] } });
  return outcome(() => {
    const made = defaultInstance(subject, MUTATION(settings));
    const disks = Object.fromEntries((made.spec.volumes ?? []).map(({ name }) => [name, { format: 'raw' as const, directIo: true, blockSize: { logical: 4096, physical: 4096, discardGranularity: 4096 } }]));
    const input = context({ config: settings, disks, exclusiveCpus: { cpus: [[1], [2]], shared: [0] } as never });
    return [
      outcome(() => buildDomain(made, input)),
      outcome(() => domainNotices(made, input)),
      outcome(() => buildLauncherPod(made, { config: settings, launcherImage: 'localhost/launcher' })),
    ];
  });
};

const effects = (path: string, node: SchemaNode): boolean[] =>
  samplesOf(path, node).map((value) => {
    const without = baseOf(path);
    const parent = parentOf(path);
    if (parent !== path && parent.includes('.') ) { const h: Json = without.spec as never; ensure(h, parent); }
    const with_ = structuredClone(without);
    set(with_.spec as unknown as Json, path, value);
    return effectOf(with_) !== effectOf(without);
  });
const ensure = (object: Json, path: string): void => {
  const steps = path.replaceAll('[]', '.[]').split('.');
  let at: unknown = object;
  steps.forEach((step, index) => {
    const key = step === '[]' ? 0 : step;
    const holder = at as Record<string | number, unknown>;
    holder[key] ??= steps[index + 1] === '[]' ? [] : {};
    at = holder[key];
  });
};

describe('what a VMI asks for', () => {
  it('x', () => {
    const listed = (path: string) => VMI_SPEC_NOT_ACTED_ON.find((one) => path === one.path || path.startsWith(`${one.path}.`) || path.startsWith(`${one.path}[`));
    for (const [path, node] of leaves(schema)) {
      const e = effects(path, node);
      const changed = e.some(Boolean);
      if (listed(path) ? changed : !changed) console.log(listed(path) ? 'LISTED CHANGES' : 'NO EFFECT', path, node.type, JSON.stringify(samplesOf(path, node)));
    }
  });
});
