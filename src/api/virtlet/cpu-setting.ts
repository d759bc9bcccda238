import { checkCpuSetting } from './cpu-setting-checks.js';
import type { Problem } from './problem.js';
import { list, object, oneOf, onOff, text, whole, type ValueOf } from './shape.js';
import { MAX_YAML_LENGTH, readYamlTree } from './yaml-tree.js';

/*
 * Annotation VirtletLibvirtCPUSetting: libvirt's `<cpu>` as YAML. Source: seed 001 "CPU Model", spec/density-and-cpu.md §1.4.
 * Shape and words are checked here; whether a host has a model or a feature is libvirt's to say.
 */

const CPU_MODES = ['custom', 'host-model', 'host-passthrough', 'maximum'] as const;
const CPU_MATCHES = ['minimum', 'exact', 'strict'] as const;
const CPU_CHECKS = ['none', 'partial', 'full'] as const;
const CACHE_MODES = ['emulate', 'passthrough', 'disable'] as const;
export const FEATURE_POLICIES = ['force', 'require', 'optional', 'disable', 'forbid'] as const;

/** As in libvirt's schema (cputypes.rng, basictypes.rng); model names have no pattern there, but all fit this one. */
const NAME = /^[A-Za-z0-9_.+-]{1,64}$/;
const FEATURE = /^[A-Za-z0-9_.-]{1,64}$/;
const VENDOR_ID = /^[ -+\--~]{12}$/;
const CPUS = /^(\d{1,5}(-\d{1,5})?|\^\d{1,5})(,(\d{1,5}(-\d{1,5})?|\^\d{1,5}))*$/;
const UNIT = /^(b|bytes?|[kmgtpe](i?b)?)$/i;

const name = text(NAME, 'write a name such as "Westmere": letters, digits, "_", ".", "+", "-"');

const cell = object({
  id: whole(0),
  cpus: text(CPUS, 'write the numbers of vCPUs, such as "0-3" or "0,2"'),
  memory: text(/^\d{1,15}$/, 'write a whole number; its unit goes into "unit" (KiB by default)'),
  unit: text(UNIT, 'write a unit such as KiB, MiB or GiB'),
  memAccess: oneOf(['shared', 'private']),
});

const setting = object(
  {
    mode: oneOf(CPU_MODES),
    match: oneOf(CPU_MATCHES),
    check: oneOf(CPU_CHECKS),
    migratable: onOff,
    model: object(
      {
        value: name,
        fallback: oneOf(['allow', 'forbid']),
        vendorID: text(VENDOR_ID, 'write exactly 12 characters, none of them a comma, such as "GenuineIntel"'),
      },
      { vendor_id: 'vendorID' },
    ),
    vendor: name,
    topology: object({ sockets: whole(1), dies: whole(1), clusters: whole(1), cores: whole(1), threads: whole(1) }),
    cache: object({ level: whole(1), mode: oneOf(CACHE_MODES) }),
    features: list(
      object({
        name: text(FEATURE, 'write the name of a CPU feature, such as "avx"'),
        policy: oneOf(FEATURE_POLICIES),
      }),
    ),
    numa: object({ cell: list(cell) }, { cells: 'cell' }),
  },
  { feature: 'features' },
);

/** A CPU setting without problems; every part that it has is whole (spec/density-and-cpu.md §1.4). */
export type CpuSetting = ValueOf<typeof setting>;
export type NumaCell = ValueOf<typeof cell>;

export interface CpuSettingOutcome {
  /** To be acted on only where there are no problems. */
  readonly setting: CpuSetting;
  readonly problems: readonly Problem[];
}

const read = (written: string): CpuSettingOutcome => {
  const tree = readYamlTree(written);
  if ('problem' in tree) return { setting: {}, problems: [{ kind: 'syntax', message: tree.problem }] };
  const problems: Problem[] = [];
  const value = setting(tree.root, '', problems) ?? {};
  // What could not be read is not there to be checked: its absence would be a second cause of one mistake.
  return { setting: value, problems: problems.length > 0 ? problems : checkCpuSetting(value) };
};

let last: { written: string; outcome: CpuSettingOutcome } | undefined;

/**
 * What the annotation says. Never throws. An empty text or map is no setting (`{}`). The outcome for the last text is kept, because
 * several rules and defaults ask about the same one.
 */
export const readCpuSetting = (written: string): CpuSettingOutcome => {
  if (last?.written === written) return last.outcome;
  const outcome = read(written);
  // Not a foreign text of any length, only one that was read.
  last = written.length <= MAX_YAML_LENGTH ? { written, outcome } : undefined;
  return outcome;
};

/** Number of CPUs that the setting's topology describes; undefined without one. */
export const settingVcpus = ({ topology }: CpuSetting): number | undefined =>
  topology && Object.values(topology).reduce((product, count) => product * count, 1);
