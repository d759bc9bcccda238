import { list, object, oneOf, onOff, text, whole, type ValueOf } from './shape.js';

/* The parts of a CPU setting and the words that they take. */

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

export const cpuSettingShape = object(
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

/** A CPU setting without problems; every part that it has is whole (docs/reference/density-and-cpu.md §1.4). */
export type CpuSetting = ValueOf<typeof cpuSettingShape>;
export type NumaCell = ValueOf<typeof cell>;
