import { CPU_MODELS, cpuFeatureProblem, cpuModelProblem } from '../cpu-names.js';
import type { CpuSetting, NumaCell } from './cpu-setting-shape.js';
import type { Problem } from './problem.js';

/*
 * What the parts of a CPU setting say together. libvirt 9 and 11 were asked: each of these is refused when the domain
 * is defined or started, or, worse, has no effect and no message (docs/reference/density-and-cpu.md §1.4, rule 6).
 */

type Check = (setting: CpuSetting) => readonly (string | undefined)[];

const isCustom = ({ mode = 'custom' }: CpuSetting): boolean => mode === 'custom';
/** The modes that give the guest what the host has. */
const isHost = ({ mode }: CpuSetting): boolean => mode === 'host-passthrough' || mode === 'maximum';

/** A mode of that name is written as one. */
const modelName = (name: string): string | undefined => {
  const problem = CPU_MODELS.has(name) ? undefined : cpuModelProblem(name);
  if (problem !== undefined) return `model.value ${problem}`;
  return CPU_MODELS.has(name) ? undefined : `model.value "${name}" is a mode: write mode: ${name} without a model`;
};

const model: Check = (setting) => {
  const { mode = 'custom', match, vendor, features = [], model: named } = setting;
  if (!isCustom(setting)) {
    return [
      named?.value !== undefined && `model.value has no effect with mode ${mode}: remove it, or write mode: custom`,
      match !== undefined && `match has no effect with mode ${mode}: remove it, or write mode: custom`,
      vendor !== undefined && `vendor has no effect with mode ${mode}: remove it, or write mode: custom`,
    ].map((problem) => problem || undefined);
  }
  if (named?.value !== undefined) return [modelName(named.value)];
  const parts = { match, vendor, model: named, features: features.length > 0 ? features : undefined };
  const [needy] = Object.entries(parts).find(([, part]) => part !== undefined) ?? [];
  return [
    needy === undefined
      ? undefined
      : `model.value is missing, and ${needy} needs it: write the model's name, or mode: host-model`,
  ];
};

const migratable: Check = (setting) => [
  setting.migratable !== undefined && !isHost(setting)
    ? 'migratable is only for the modes host-passthrough and maximum: remove it'
    : undefined,
];

const topology: Check = ({ topology: shape }) => {
  const missing = (['sockets', 'cores', 'threads'] as const).filter((part) => shape && shape[part] === undefined);
  return [
    missing.length > 0 ? `topology has no ${missing.join(' and no ')}: write sockets, cores and threads` : undefined,
  ];
};

const cache: Check = (setting) => {
  const { cache: wanted } = setting;
  if (wanted === undefined) return [];
  const { mode, level } = wanted;
  if (mode === undefined) return ['cache.mode is missing: write emulate, passthrough or disable'];
  if (mode === 'emulate') return [level === 3 ? undefined : 'cache mode emulate is for level 3: write level: 3'];
  if (level !== undefined) return [`cache.level does not go with cache mode ${mode}: remove it`];
  return [
    mode === 'passthrough' && !isHost(setting)
      ? 'cache mode passthrough is only for the modes host-passthrough and maximum: write emulate or disable'
      : undefined,
  ];
};

const features: Check = ({ features: wanted = [] }) => {
  const seen = new Set<string | undefined>();
  return wanted.map(({ name }, index) => {
    if (name === undefined) return `features[${index}].name is missing: write the feature's name`;
    if (seen.has(name)) return `features[${index}] names "${name}" again: keep one`;
    seen.add(name);
    const problem = cpuFeatureProblem(name);
    return problem === undefined ? undefined : `features[${index}].name ${problem}`;
  });
};

const ids = (cells: readonly NumaCell[]): string | undefined => {
  const wanted = cells.map(({ id }, index) => id ?? index);
  return [...wanted].sort((a, b) => a - b).some((id, index) => id !== index)
    ? `numa.cell has the ids ${wanted.join(', ').slice(0, 60)}: number the cells from 0, without gaps, or leave the ids out`
    : undefined;
};

const numa: Check = ({ numa: wanted }) => {
  if (wanted === undefined) return [];
  const { cell: cells = [] } = wanted;
  if (cells.length === 0) return ['numa has no cell: write at least one, or remove numa'];
  return [
    ids(cells),
    ...cells.map(({ memory }, index) =>
      BigInt(memory ?? 0) > 0n ? undefined : `numa.cell[${index}].memory is missing or 0: write the cell's memory`,
    ),
  ];
};

const CHECKS: readonly Check[] = [model, migratable, topology, cache, features, numa];

/** Everything that is wrong with a setting whose fields, each by itself, are right. */
export const checkCpuSetting = (setting: CpuSetting): Problem[] =>
  CHECKS.flatMap((check) => check(setting))
    .filter((message) => message !== undefined)
    .map((message) => ({ kind: 'value', message }));
