import type { VirtualMachinePreferenceSpec } from '../api/schema/preference.js';

/** What the vCPUs of an instance type are spread over. */
export interface Topology {
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}

export const TOPOLOGIES = ['sockets', 'cores', 'threads', 'spread', 'any'] as const;
export type PreferredTopology = (typeof TOPOLOGIES)[number];

/** Words of older manifests, and what they are called now. */
export const OLD_TOPOLOGIES: Readonly<Record<string, PreferredTopology>> = {
  preferSockets: 'sockets',
  preferCores: 'cores',
  preferThreads: 'threads',
  preferSpread: 'spread',
  preferAny: 'any',
};

export const SPREADS = ['SocketsCores', 'CoresThreads', 'SocketsCoresThreads'] as const;

const DEFAULT_RATIO = 2;
/** A core of x86 has two at most. */
const THREADS = 2;

/** The topology that a preference names; `sockets` where it names none, or a word that is none. */
export const preferredTopology = (preference: VirtualMachinePreferenceSpec | undefined): PreferredTopology => {
  const word = preference?.cpu?.preferredCPUTopology ?? '';
  if (Object.hasOwn(OLD_TOPOLOGIES, word)) return OLD_TOPOLOGIES[word] ?? 'sockets';
  return TOPOLOGIES.find((known) => known === word) ?? 'sockets';
};

/** Vcpus in whole parts; undefined where they cannot be divided so. */
const divided = (vcpus: number, ...parts: readonly number[]): number | undefined => {
  const size = parts.reduce((product, part) => product * part, 1);
  return size > 0 && vcpus % size === 0 ? vcpus / size : undefined;
};

/** By how many the vCPUs have to be divisible, for a message. */
export const spreadOver = (preference: VirtualMachinePreferenceSpec): number => {
  const { across, ratio } = spreadOf(preference);
  return across === 'SocketsCoresThreads' ? THREADS * ratio : ratio;
};

const spreadOf = (preference: VirtualMachinePreferenceSpec) => {
  const options = preference.cpu?.spreadOptions;
  return {
    across: options?.across || 'SocketsCores',
    ratio: options?.ratio || preference.preferSpreadSocketToCoreRatio || DEFAULT_RATIO,
  };
};

const spread = (vcpus: number, preference: VirtualMachinePreferenceSpec): Topology | undefined => {
  const { across, ratio } = spreadOf(preference);
  switch (across) {
    case 'CoresThreads': {
      const cores = divided(vcpus, ratio);
      return cores === undefined ? undefined : { sockets: 1, cores, threads: ratio };
    }
    case 'SocketsCoresThreads': {
      const sockets = divided(vcpus, ratio, THREADS);
      return sockets === undefined ? undefined : { sockets, cores: ratio, threads: THREADS };
    }
    default: {
      const sockets = divided(vcpus, ratio);
      return sockets === undefined ? undefined : { sockets, cores: ratio, threads: 1 };
    }
  }
};

/**
 * How many sockets, cores and threads a number of vCPUs is (docs/instance-types.md); undefined where it cannot be
 * spread as the preference wants it.
 */
export const topologyOf = (
  vcpus: number,
  preference: VirtualMachinePreferenceSpec | undefined,
): Topology | undefined => {
  const one = { sockets: 1, cores: 1, threads: 1 };
  if (vcpus <= 1) return one;
  const topology = preferredTopology(preference);
  if (topology === 'spread' && preference !== undefined) return spread(vcpus, preference);
  if (topology === 'cores') return { ...one, cores: vcpus };
  if (topology === 'threads') return { ...one, threads: vcpus };
  return { ...one, sockets: vcpus };
};
