import assert from 'node:assert/strict';
import { effectiveSpec } from '../../../../src/admission/effective.js';
import { schemaOf } from '../../../../src/api/schema-check/check-schema.js';
import type { SchemaNode } from '../../../../src/api/schema-check/schema-node.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { DEFAULTED_FIELDS } from '../../../../src/api/vmi/defaulted-fields.js';

/*
 * The list is what defaults do: specs of any form that the schema admits, defaulted, and what is found in all of them.
 */

const SPEC = schemaOf('VirtualMachineInstance').properties!['spec']!;

/** Park and Miller's: the same specs each time. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

/** A value that the schema admits, with each field that may be left out left out now and then. */
const valueOf = (node: SchemaNode, random: () => number, density: number): unknown => {
  if (node['x-kubernetes-int-or-string'] === true) return random() < 0.2 ? 0 : '1Gi';
  switch (node.type) {
    case 'string':
      return node.enum === undefined ? (random() < 0.2 ? '' : 'a') : node.enum[Math.floor(random() * node.enum.length)];
    case 'integer':
    case 'number':
      return Math.max(node.minimum ?? 0, Math.floor(random() * 3));
    case 'boolean':
      return random() < 0.5;
    case 'array':
      return Array.from({ length: Math.floor(random() * 3) }, () => valueOf(node.items ?? {}, random, density));
    default:
      return Object.fromEntries(
        Object.entries(node.properties ?? {})
          .filter(([name]) => node.required?.includes(name) === true || random() < density)
          .map(([name, child]) => [name, valueOf(child, random, density)]),
      );
  }
};

/** How often what holds a field was there, and the field. */
type Seen = Map<string, { holders: number; fields: number }>;

const count = (node: SchemaNode, value: unknown, path: string, seen: Seen): void => {
  if (Array.isArray(value)) {
    for (const item of value) count(node.items ?? {}, item, `${path}[]`, seen);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    if (node.required?.includes(name) === true && child.properties === undefined && child.items === undefined) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const one = seen.get(at) ?? { holders: 0, fields: 0 };
    seen.set(at, one);
    one.holders += 1;
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    one.fields += 1;
    count(child, member, at, seen);
  }
};

const isRequired = (path: string): boolean => {
  const steps = path.replaceAll('[]', '.[]').split('.');
  const last = steps.pop()!;
  const holder = steps.reduce<SchemaNode>(
    (node, step) => (step === '[]' ? node.items! : node.properties![step]!),
    SPEC,
  );
  return holder.required?.includes(last) === true;
};

const CONFIGS = [
  {},
  { evictionStrategy: 'LiveMigrate', cpuRequest: '200m', network: { permitBridgeInterfaceOnPodNetwork: false } },
  { architectureConfiguration: { defaultArchitecture: 'arm64' }, vmRolloutStrategy: 'Stage' },
  { architectureConfiguration: { defaultArchitecture: 's390x' }, network: { defaultNetworkInterface: 'slirp' } },
];

describe('the fields that defaults always write', () => {
  it('are those that no spec with its defaults is without', () => {
    const random = randomFrom(17);
    const seen: Seen = new Map();
    for (let i = 0; i < 600; i += 1) {
      const configuration = CONFIGS[i % CONFIGS.length]!;
      const config = resolveClusterConfig({ spec: { configuration } });
      const spec = i < CONFIGS.length ? { domain: { devices: {} } } : valueOf(SPEC, random, [0.1, 0.5, 0.9][i % 3]!);
      const effective = effectiveSpec('VirtualMachineInstance', { config })({ kind: 'VirtualMachineInstance', spec });
      assert.ok(effective !== undefined, JSON.stringify(spec));
      count(SPEC, effective, '', seen);
    }
    const always = [...seen].filter(([path, { holders, fields }]) => fields === holders && !isRequired(path));
    assert.deepEqual(always.map(([path]) => path).toSorted(), [...DEFAULTED_FIELDS].toSorted());
    // Each was looked at often enough to be found missing.
    for (const path of DEFAULTED_FIELDS) assert.ok((seen.get(path)?.holders ?? 0) > 5, path);
  });
});
