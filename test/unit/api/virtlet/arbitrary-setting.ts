import fc from 'fast-check';
import { stringify } from 'yaml';
import { CPU_FEATURES } from '../../../../src/api/cpu-names.js';
import type { CpuSetting } from '../../../../src/api/virtlet/cpu-setting-shape.js';

/** A valid CPU setting, a text that says it, and the VM that it fits. */
export interface SettingCase {
  readonly setting: CpuSetting;
  readonly text: string;
  readonly vcpus: number;
  readonly memoryKiB: number;
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const policy = fc.constantFrom('force', 'require', 'optional', 'disable', 'forbid');
const features = fc.uniqueArray(fc.record({ name: fc.constantFrom(...CPU_FEATURES), policy: optional(policy) }), {
  selector: ({ name }) => name,
  maxLength: 5,
});
const vendorID = optional(fc.stringMatching(/^[ -+\--~]{12}$/));
const fallback = optional(fc.constantFrom('allow', 'forbid'));

const custom = fc.record({
  mode: fc.constantFrom('custom', undefined),
  match: optional(fc.constantFrom('minimum', 'exact', 'strict')),
  check: optional(fc.constantFrom('none', 'partial', 'full')),
  model: fc.record({ value: fc.constantFrom('Westmere', 'core2duo', '486', 'EPYC-Rome'), fallback, vendorID }),
  vendor: optional(fc.constantFrom('Intel', 'AMD')),
  features,
  cache: optional(fc.constantFrom({ level: 3, mode: 'emulate' }, { mode: 'disable' })),
});
const host = fc.record({
  mode: fc.constantFrom('host-passthrough', 'maximum'),
  migratable: optional(fc.constantFrom('on', 'off')),
  features,
  cache: optional(fc.constantFrom({ mode: 'passthrough' }, { mode: 'disable' })),
});
const hostModel = fc.record({
  mode: fc.constant('host-model'),
  model: optional(fc.record({ fallback, vendorID })),
  features,
});

const topology = fc.record({
  sockets: fc.integer({ min: 1, max: 3 }),
  dies: optional(fc.integer({ min: 1, max: 2 })),
  cores: fc.integer({ min: 1, max: 4 }),
  threads: fc.integer({ min: 1, max: 2 }),
});
const cells = fc.array(
  fc.record({ memory: fc.integer({ min: 1, max: 4096 }), memAccess: optional(fc.constantFrom('shared', 'private')) }),
  { minLength: 1, maxLength: 3 },
);

/** JSON's view of a value: without what is undefined. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Keys in the case of `change`: Virtlet read them whatever their case. */
const withKeys = (value: unknown, change: (key: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => withKeys(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [change(key), withKeys(child, change)]));
};

const changes = [
  (key: string) => key,
  (key: string) => key.toUpperCase(),
  (key: string) => `${key[0]!.toUpperCase()}${key.slice(1)}`,
];
const writers = [
  (value: unknown) => stringify(value),
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }),
  (value: unknown) => `# a comment\n---\n${stringify(value, { defaultStringType: 'QUOTE_SINGLE' })}...\n`,
];

export const arbitraryCpuSetting: fc.Arbitrary<SettingCase> = fc
  .record({
    cpu: fc.oneof(custom, host, hostModel),
    topology: optional(topology),
    cells: optional(cells),
    change: fc.constantFrom(...changes),
    write: fc.constantFrom(...writers),
  })
  .map(({ cpu, topology: shape, cells: memories, change, write }) => {
    const vcpus = shape ? shape.sockets * (shape.dies ?? 1) * shape.cores * shape.threads : 4;
    const numa = memories && {
      cell: memories.map(({ memory, memAccess }, index) => ({
        id: index,
        cpus: index === 0 ? `0-${vcpus - 1}` : undefined,
        memory: String(memory),
        unit: 'MiB',
        memAccess,
      })),
    };
    const setting = plain({ ...cpu, topology: shape, numa });
    return {
      setting: setting,
      text: write(withKeys(setting, change)),
      vcpus,
      memoryKiB: memories ? memories.reduce((sum, { memory }) => sum + memory * 1024, 0) : 1024 * 1024,
    };
  });
