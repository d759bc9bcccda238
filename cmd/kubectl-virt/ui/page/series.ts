import type { UsageSample } from '../shared/protocol.js';

/** A line of a graph: a name and its points. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [at: number, value: number])[];
}

const levels = (samples: readonly UsageSample[], read: (sample: UsageSample) => number | undefined): Series['points'] =>
  samples.flatMap((sample) => {
    const value = read(sample);
    return value === undefined ? [] : [[sample.at, value] as const];
  });

/** Per second, of what is counted since the start; a count that began again is no rate. */
const rates = (
  samples: readonly UsageSample[],
  read: (sample: UsageSample) => number | undefined,
): Series['points'] => {
  const counts = levels(samples, read);
  return counts.slice(1).flatMap(([at, value], index) => {
    const [before, old] = counts[index] ?? [at, value];
    return at > before && value >= old ? [[at, ((value - old) / (at - before)) * 1000] as const] : [];
  });
};

const bytes = (value: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
};
const perSecond = (value: number): string => `${bytes(value)}/s`;

export interface GraphDefinition {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly series: (samples: readonly UsageSample[]) => readonly Series[];
}

export const GRAPHS: readonly GraphDefinition[] = [
  {
    title: 'CPU',
    format: (value) => `${Math.round(value * 1000)}m`,
    series: (samples) => [{ name: 'CPUs of the node', points: levels(samples, ({ cores }) => cores) }],
  },
  {
    title: 'Memory',
    format: bytes,
    series: (samples) => [
      { name: 'of the node', points: levels(samples, ({ resident }) => resident) },
      { name: 'used in the guest', points: levels(samples, ({ guestUsed }) => guestUsed) },
    ],
  },
  {
    title: 'Disk',
    format: perSecond,
    series: (samples) => [
      { name: 'read', points: rates(samples, ({ diskRead }) => diskRead) },
      { name: 'written', points: rates(samples, ({ diskWritten }) => diskWritten) },
    ],
  },
  {
    title: 'Network',
    format: perSecond,
    series: (samples) => [
      { name: 'received', points: rates(samples, ({ received }) => received) },
      { name: 'sent', points: rates(samples, ({ sent }) => sent) },
    ],
  },
];
