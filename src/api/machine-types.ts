/*
 * Machine types. The launcher image's QEMU is ours, so which ones it has is known: the lists are those of QEMU 10.0 of
 * Debian 13 (`qemu-system-x86_64 -machine help`), and an integration test compares them with the image. A type is made
 * of a family and the version of QEMU that it looks like.
 */

/** The families that VMs of amd64 can have: what `q35` and `pc` stand for. */
const FAMILIES = ['pc-q35', 'pc-i440fx'] as const;
type Family = (typeof FAMILIES)[number];
/** Short names; each is the newest of its family. */
const SHORT: Readonly<Record<string, Family>> = { q35: 'pc-q35', pc: 'pc-i440fx' };

/** Oldest first, in both families. */
const VERSIONS = [
  ...[
    '2.4',
    '2.5',
    '2.6',
    '2.7',
    '2.8',
    '2.9',
    '2.10',
    '2.11',
    '2.12',
    '3.0',
    '3.1',
    '4.0',
    '4.1',
    '4.2',
    '5.0',
    '5.1',
  ],
  ...['5.2', '6.0', '6.1', '6.2', '7.0', '7.1', '7.2', '8.0', '8.1', '8.2', '9.0', '9.1', '9.2', '10.0'],
];
/** Versions that one family has besides. */
const MORE: Readonly<Record<Family, readonly string[]>> = { 'pc-q35': ['4.0.1'], 'pc-i440fx': [] };

/** The QEMU that each Ubuntu of a machine type shipped: `pc-q35-jammy`, `pc-q35-noble-v2`. */
const UBUNTU: Readonly<Record<string, string>> = {
  ...{ trusty: '2.4', utopic: '2.4', vivid: '2.4', wily: '2.4', xenial: '2.5', yakkety: '2.6', zesty: '2.8' },
  ...{ artful: '2.10', bionic: '2.11', cosmic: '2.12', disco: '3.1', eoan: '4.0', focal: '4.2', groovy: '5.0' },
  ...{ hirsute: '5.2', impish: '6.0', jammy: '6.2', kinetic: '7.0', lunar: '7.2', mantic: '8.0', noble: '8.2' },
  ...{ oracular: '9.0', plucky: '9.2', questing: '10.0' },
};
/** The QEMU that a machine type of Red Hat's looks like, by its version; oldest first. */
const RHEL: readonly (readonly [rhel: string, qemu: string])[] = [
  ...([
    ['6.0', '2.4'],
    ['7.0', '2.4'],
    ['7.3', '2.6'],
    ['7.4', '2.9'],
    ['7.5', '2.10'],
    ['7.6', '2.12'],
  ] as const),
  ...([
    ['8.0', '3.1'],
    ['8.1', '4.1'],
    ['8.2', '4.2'],
    ['8.3', '5.1'],
    ['8.4', '5.2'],
    ['8.5', '6.0'],
  ] as const),
  ...([
    ['8.6', '6.2'],
    ['9.0', '6.2'],
    ['9.2', '7.2'],
    ['9.4', '8.2'],
    ['9.6', '9.1'],
    ['9.8', '10.0'],
  ] as const),
  ...([
    ['10.0', '9.1'],
    ['10.2', '10.0'],
  ] as const),
];

/** Numbers between dots, compared one by one. */
const compareVersions = (one: string, other: string): number => {
  const [a, b] = [one.split('.').map(Number), other.split('.').map(Number)];
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** The last entry that is not newer; the oldest where all are. */
const notNewer = <T>(list: readonly T[], versionOf: (entry: T) => string, version: string): T | undefined =>
  list.findLast((entry) => compareVersions(versionOf(entry), version) <= 0) ?? list[0];

const known = new Set<string>([
  ...Object.keys(SHORT),
  ...FAMILIES.flatMap((family) => [...VERSIONS, ...MORE[family]].map((version) => `${family}-${version}`)),
]);
/** Every machine type of the launcher image that a VM of amd64 may have. */
export const MACHINE_TYPES: readonly string[] = [...known];
/** Of a VM, and a cluster, that names none. */
export const DEFAULT_MACHINE_TYPE = 'q35';

/** QEMU 10.0 calls these deprecated: a later launcher image will not have them any more. */
const LAST_DEPRECATED = '7.0';
/** Whether a type of the launcher's is about to go. */
export const isDeprecatedMachineType = (type: string): boolean => {
  const version = /^pc-(?:q35|i440fx)-([\d.]+)$/.exec(type)?.[1];
  return version !== undefined && known.has(type) && compareVersions(version, LAST_DEPRECATED) <= 0;
};

/** vCPUs of a q35, by the first version that has room for so many (QEMU's `cpu-max`); the newest first. */
const Q35_VCPUS: readonly (readonly [since: string, vcpus: number])[] = [
  ['9.0', 4096],
  ['8.1', 1024],
  ['2.8', 288],
];
const FEWEST_VCPUS = 255;

/** The most vCPUs of a machine type that {@link usedMachineType} gives. */
export const machineVcpus = (type: string): number => {
  if (type === DEFAULT_MACHINE_TYPE) return Q35_VCPUS[0]?.[1] ?? FEWEST_VCPUS;
  const version = /^pc-q35-([\d.]+)$/.exec(type)?.[1];
  if (version === undefined) return FEWEST_VCPUS;
  return Q35_VCPUS.find(([since]) => compareVersions(version, since) >= 0)?.[1] ?? FEWEST_VCPUS;
};

const TYPE = /^(pc-q35|pc-i440fx)-(?:rhel-?([\d.]+)|([a-z]+)(?:-[a-z\d]+)*|([\d.]+)(?:\+\w+)?)$/;
const VERSION = /^\d{1,4}(?:\.\d{1,4}){0,2}$/;

/** The version of QEMU that a type of another build of QEMU looks like. */
const versionOf = (rhel: string | undefined, ubuntu: string | undefined, qemu: string | undefined) => {
  if (rhel !== undefined) return VERSION.test(rhel) ? notNewer(RHEL, ([own]) => own, rhel)?.[1] : undefined;
  if (ubuntu !== undefined) return Object.hasOwn(UBUNTU, ubuntu) ? UBUNTU[ubuntu] : undefined;
  return qemu !== undefined && VERSION.test(qemu) ? notNewer(VERSIONS, (own) => own, qemu) : undefined;
};

/**
 * The machine type that a VM gets which asks for this one: itself where the launcher's QEMU has it; for a type of
 * another version or another vendor's build of QEMU the nearest, not newer where there is one. Undefined for what is no
 * machine type at all. Pure: the domain, the warning and the status say the same.
 */
export const usedMachineType = (type: string): string | undefined => {
  if (known.has(type)) return type;
  const [, family, rhel, ubuntu, qemu] = TYPE.exec(type) ?? [];
  const version = family === undefined ? undefined : versionOf(rhel, ubuntu, qemu);
  return version === undefined ? undefined : `${family}-${version}`;
};
