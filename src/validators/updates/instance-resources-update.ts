import type { UtilityVolume } from '../../api/schema/volumes.js';
import { differenceAt } from '../../api/schema-check/semantic-difference.js';
import { unitsOf } from '../rule/quantities.js';
import { duplicate, invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { InstanceUpdateSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/**
 * What our own programs may change of a VMI that runs, besides its storage. Source: docs/reference/admission.md §8,
 * §8.1.
 */

const base = { kinds: ['VirtualMachineInstance'], operations: ['UPDATE'], since: '0.1' } as const;
const GATE = 'UtilityVolumes';
const UTILITY = 'spec.utilityVolumes';

const utilityRule = ruleFamily<
  InstanceUpdateSubject,
  (volume: UtilityVolume, path: string, subject: InstanceUpdateSubject, index: number) => readonly Finding[]
>({
  ...base,
  field: `${UTILITY}[]`,
  source: '§8.1',
  run: (subject, check) =>
    subject.config.hasFeatureGate(GATE)
      ? inEach(subject.vmi.spec.utilityVolumes, UTILITY, (volume, path, index) => check(volume, path, subject, index))
      : NOTHING,
});

const nameOwner = (name: string, { vmi }: InstanceUpdateSubject, index: number): string | undefined => {
  const earlier = (vmi.spec.utilityVolumes ?? []).findIndex((other) => other.name === name);
  if (earlier < index) return `utilityVolumes[${earlier}]`;
  const volume = (vmi.spec.volumes ?? []).findIndex((other) => other.name === name);
  return volume < 0 ? undefined : `volumes[${volume}]`;
};

export const instanceResourcesUpdateRules: readonly Rule<InstanceUpdateSubject>[] = [
  {
    ...base,
    id: 'upd.max-sockets',
    field: 'spec.domain.cpu.maxSockets',
    source: 'docs/reference/admission.md §8',
    summary: 'a change of `maxSockets` while the VM runs',
    check: ({ vmi, old }) => {
      const [now = 0, before = 0] = [vmi.spec.domain.cpu?.maxSockets, old.spec.domain.cpu?.maxSockets];
      return now === before
        ? []
        : [
            invalid(
              'spec.domain.cpu.maxSockets',
              `${now} is not the ${before} of the start, which holds until the VM stops: write ${before}`,
            ),
          ];
    },
  },
  {
    ...base,
    id: 'upd.max-guest',
    field: 'spec.domain.memory.maxGuest',
    source: 'docs/reference/admission.md §8',
    summary: 'a change of `maxGuest` while the VM runs',
    check: ({ vmi, old }) => {
      const [now, before] = [vmi.spec.domain.memory?.maxGuest, old.spec.domain.memory?.maxGuest];
      if (now === undefined || before === undefined || unitsOf(now) === unitsOf(before)) return [];
      return [
        invalid(
          'spec.domain.memory.maxGuest',
          `${show(now)} is not the ${show(before)} of the start, which holds until the VM stops: write ${show(before)}`,
        ),
      ];
    },
  },
  {
    ...base,
    id: 'upd.utility-gate',
    field: UTILITY,
    source: 'docs/reference/admission.md §8.1',
    summary: 'utility volumes while their feature gate is off',
    check: ({ vmi, config }) =>
      (vmi.spec.utilityVolumes ?? []).length === 0 || config.hasFeatureGate(GATE)
        ? []
        : [invalid(UTILITY, `need the feature gate ${GATE}, which is off: remove them or enable the gate`)],
  },
  utilityRule({
    id: 'upd.utility-name',
    summary: 'a utility volume without a name',
    check: ({ name }, path) =>
      name ? [] : [required(`${path}.name`, 'is empty: write the name of the utility volume')],
  }),
  utilityRule({
    id: 'upd.utility-dup',
    summary: 'a utility volume with the name of another volume',
    check: ({ name }, path, subject, index) => {
      const owner = name ? nameOwner(name, subject, index) : undefined;
      return owner === undefined
        ? []
        : [duplicate(`${path}.name`, `${show(name)} is also the name of ${owner}: give each volume its own name`)];
    },
  }),
  utilityRule({
    id: 'upd.utility-claim',
    summary: 'a utility volume without a claim',
    check: ({ claimName }, path) =>
      claimName ? [] : [required(`${path}.claimName`, 'is empty: write the name of the PersistentVolumeClaim')],
  }),
  utilityRule({
    id: 'upd.utility-permanent',
    summary: 'a utility volume with the name of a volume of the start',
    check: ({ name }, path, { vmi, old }) => {
      // Beside a volume of that name it is upd.utility-dup.
      if ((vmi.spec.volumes ?? []).some((volume) => volume.name === name)) return [];
      const status = old.status?.volumeStatus?.find((volume) => volume.name === name);
      return status && !status.hotplugVolume
        ? [invalid(`${path}.name`, `${show(name)} was attached at the start: a utility volume needs a name of its own`)]
        : [];
    },
  }),
  utilityRule({
    id: 'upd.utility-changed',
    summary: 'a change to a utility volume that is attached',
    check: (volume, path, { old }) => {
      const before = old.spec.utilityVolumes?.find(({ name }) => name === volume.name);
      const change = before && differenceAt('VirtualMachineInstance', `${UTILITY}[]`, volume, before, path);
      return change === undefined
        ? []
        : [invalid(change, `utility volume ${show(volume.name)} is in use: remove it and add it again`)];
    },
  }),
];
