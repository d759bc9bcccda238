import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { admit } from '../../../../src/admission/admit.js';
import { KubeVirtConfiguration } from '../../../../src/api/schema/kubevirt-configuration.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { VirtualMachineInstanceSpec } from '../../../../src/api/schema/virtualmachineinstance.js';
import type { SchemaNode } from '../../../../src/api/schema-check/schema-node.js';
import {
  KUBEVIRT_SPEC_IGNORED,
  KUBEVIRT_SPEC_NOT_ACTED_ON,
  VMI_SPEC_NOT_ACTED_ON,
  type NotActedOn,
} from '../../../../src/api/settings/acted-on.js';
import { buildDomain, domainNotices } from '../../../../src/domain/index.js';
import { buildLauncherPod } from '../../../../src/launcher/index.js';
import { defaultInstance } from '../../../../src/mutators/instance.js';
import type { MutationContext } from '../../../../src/mutators/mutation.js';
import { manifest } from '../../../../src/validators/rule/example-manifest.js';
import { RULES } from '../../../../src/validators/rules.js';
import { config, context, UID, vmi } from '../../domain/fixtures.js';
import {
  ACTS_ELSEWHERE,
  ALWAYS_SO,
  ANNOTATED,
  BASES,
  REFUSED_BY,
  SAMPLES,
  SETTING_ACTS_ELSEWHERE,
  WARNED_ABOUT,
  WHOLE,
} from './acted-on-samples.js';

/*
 * Nothing is silently ignored: every field of a VMI's spec changes the guest's domain, its pod or what its owner hears,
 * or it is on the list of what is refused (and then it changes nothing), or the tables beside this test say who acts on
 * it.
 */

type Json = Record<string | number, unknown>;

const isWhole = (node: SchemaNode, path: string): boolean =>
  WHOLE.includes(path) || (node.type === 'array' ? node.items?.type !== 'object' : node.properties === undefined);

/** Every field without fields of its own, as `domain.devices.disks[].serial`; those of WHOLE count as one. */
const leaves = (node: SchemaNode, path = ''): [path: string, node: SchemaNode][] => {
  if (path !== '' && isWhole(node, path)) return [[path, node]];
  if (node.type === 'array' && node.items !== undefined) return leaves(node.items, `${path}[]`);
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
  return node.type === 'array' ? [['sample']] : [{}];
};

const stepsOf = (path: string): (string | number)[] =>
  path
    .replaceAll('[]', '.[]')
    .split('.')
    .map((step) => (step === '[]' ? 0 : step));

/** Walks to a path and makes what is missing on the way; a list gets a first item. With a value, the path gets it. */
const fill = (object: Json, path: string, ...values: readonly unknown[]): void => {
  let at = object;
  const steps = stepsOf(path);
  for (const [index, step] of steps.entries()) {
    if (values.length > 0 && index === steps.length - 1) {
      at[step] = values[0];
      return;
    }
    at[step] ??= typeof steps[index + 1] === 'number' ? [] : {};
    at = at[step] as Json;
  }
};
const parentOf = (path: string): string => path.replace(/(\[\]|\.[^.[]+)$/, '');

const MUTATION: MutationContext = {
  config: config(),
  newUuid: () => UID,
  now: () => '2026-01-01T00:00:00Z',
  refuse: () => undefined,
};
const FACTS = {
  format: 'raw',
  directIo: true,
  blockSize: { logical: 4096, physical: 4096, discardGranularity: 4096 },
} as const;

const outcome = (make: () => unknown): string => {
  try {
    return JSON.stringify(make());
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
};

/** All that a VMI becomes; and whether something of it is refused. */
const effectOf = (subject: VirtualMachineInstance): readonly string[] => {
  const made = defaultInstance(subject, MUTATION);
  const disks = Object.fromEntries((made.spec.volumes ?? []).map(({ name }) => [name, FACTS]));
  const exclusiveCpus = {
    cells: [{ cpus: [1, 2, 3, 4].map((id) => ({ id, siblings: [id] })) }],
    allowed: [1, 2, 3, 4],
  };
  const input = context({ disks, exclusiveCpus });
  return [
    outcome(() => buildDomain(made, input)),
    outcome(() => domainNotices(made, input)),
    outcome(() => buildLauncherPod(made, { config: MUTATION.config, launcherImage: 'localhost/launcher' })),
  ];
};

/** A VMI in which a field can have an effect, without the field. */
const baseOf = (path: string, holder = true): VirtualMachineInstance => {
  const subject = vmi();
  const [, change] =
    Object.entries(BASES)
      .filter(([prefix]) => path.startsWith(prefix))
      .sort(([a], [b]) => b.length - a.length)[0] ?? [];
  change?.(subject.spec);
  if (holder && path.includes('.')) fill(subject.spec, parentOf(path));
  return subject;
};

/** Whether a value of the field changes anything, other than that what holds the field is refused. */
const changesSomething = (path: string, node: SchemaNode, isListed = false): boolean => {
  const base = baseOf(path);
  const without = effectOf(base);
  // What holds the field may be refused, and asks for nothing once the field says that it is off.
  const off = isListed ? effectOf(baseOf(path, false)) : without;
  return samplesOf(path, node).some((value) => {
    const subject = structuredClone(base);
    fill(subject.spec, path, value);
    return effectOf(subject).some(
      (text, index) => text !== without[index] && text !== off[index] && !text.startsWith('refused: '),
    );
  });
};

const listedIn =
  (list: readonly NotActedOn[]) =>
  (path: string): NotActedOn | undefined =>
    list.find((one) => path === one.path || path.startsWith(`${one.path}.`) || path.startsWith(`${one.path}[`));

describe('what a VMI asks for', function () {
  this.timeout(60_000);
  const fields = leaves(VirtualMachineInstanceSpec as unknown as SchemaNode);
  const listed = listedIn(VMI_SPEC_NOT_ACTED_ON);
  const told = (path: string): boolean =>
    path in ACTS_ELSEWHERE || path in REFUSED_BY || path in WARNED_ABOUT || ALWAYS_SO.includes(path);

  it('changes domain, pod or notices, or is refused by name, or acts where the table says', () => {
    const silent = fields.filter(
      ([path, node]) => listed(path) === undefined && !told(path) && !changesSomething(path, node),
    );
    assert.deepEqual(
      silent.map(([path]) => path),
      [],
      'act on it, add it to src/api/settings/acted-on.ts, or say in acted-on-samples.ts who acts on it',
    );
  });
  it('changes nothing where it is on the list of what is not acted on', () => {
    const acted = fields.filter(
      // One with values that are acted on says itself which they are.
      ([path, node]) =>
        listed(path) !== undefined &&
        listed(path)?.but === undefined &&
        !(path in ANNOTATED) &&
        changesSomething(path, node, true),
    );
    assert.deepEqual(
      acted.map(([path]) => path),
      [],
      'take it from the list, or delete the code that acts on it',
    );
  });
  it('has no stale entries in the tables', () => {
    const known = new Map(fields);
    for (const [path, file] of Object.entries(ACTS_ELSEWHERE)) {
      const node = known.get(path);
      assert.ok(node, `${path} is no field`);
      // The file reads the field by its name.
      const field = path.replaceAll('[]', '').split('.').at(-1)!;
      assert.match(readFileSync(file, 'utf8'), new RegExp(`\\b${field}\\b`), `${file} does not read ${path}`);
      assert.equal(changesSomething(path, node), false, `${path} changes domain or pod by itself`);
    }
    for (const path of ALWAYS_SO) assert.equal(changesSomething(path, known.get(path)!), false, path);
    for (const [path, { id, value }] of Object.entries(WARNED_ABOUT)) {
      const node = known.get(path);
      assert.ok(node, `${path} is no field`);
      assert.equal(changesSomething(path, node), false, `${path} has an effect: take it from WARNED_ABOUT`);
      const object = manifest({ [`spec.${path}`]: value });
      const { causes, warnings } = admit(
        { kind: 'VirtualMachineInstance', operation: 'CREATE', object },
        { config: MUTATION.config, newUuid: () => UID },
      );
      assert.deepEqual(causes, []);
      assert.ok(
        warnings.some((warning) => warning.id === id && warning.field === `spec.${path}`),
        path,
      );
    }
    const rules = new Set(RULES.map(({ id }) => id));
    for (const [path, rule] of Object.entries(REFUSED_BY)) {
      assert.ok(known.has(path), `${path} is no field`);
      assert.ok(rules.has(rule), `${rule} is no rule`);
    }
    for (const { path } of VMI_SPEC_NOT_ACTED_ON)
      assert.ok(
        [...known.keys()].some((one) => one === path || one.startsWith(`${path}.`) || one.startsWith(`${path}[`)),
        `${path} is no field`,
      );
  });
});

/** One that is on by default and one that is not. */
const GATES = ['BlockVolume', 'sample'];

describe('what the KubeVirt object’s configuration asks for', () => {
  const fields = leaves(KubeVirtConfiguration as unknown as SchemaNode);
  const listed = listedIn(
    [...KUBEVIRT_SPEC_NOT_ACTED_ON, ...KUBEVIRT_SPEC_IGNORED].map((one) => ({
      ...one,
      path: one.path.slice('configuration.'.length),
    })),
  );
  const settings = (change: (configuration: Json) => void): string => {
    const configuration: Json = {};
    change(configuration);
    const resolved = config(configuration);
    return inspect([resolved, ...GATES.map((gate) => resolved.hasFeatureGate(gate))], {
      depth: Infinity,
      showHidden: true,
    });
  };
  const changesSomething = (path: string, node: SchemaNode): boolean => {
    const without = settings((one) => (path.includes('.') ? fill(one, parentOf(path)) : undefined));
    return samplesOf(`configuration.${path}`, node).some(
      (value) => settings((one) => fill(one, path, value)) !== without,
    );
  };

  it('changes the settings in force, or is refused by name', () => {
    const silent = fields.filter(
      ([path, node]) => !listed(path) && !(path in SETTING_ACTS_ELSEWHERE) && !changesSomething(path, node),
    );
    assert.deepEqual(
      silent.map(([path]) => path),
      [],
    );
  });
});
