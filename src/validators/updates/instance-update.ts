import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { differenceAt } from '../../api/schema-check/semantic-difference.js';
import { isVirtletKey } from '../../api/virtlet/annotations.js';
import { ownersOfOurs, RESTRICTED_LABELS } from '../metadata/metadata.js';
import { nodeRestrictionRules } from './node-restriction.js';
import { forbidden, invalid } from '../rule/finding.js';
import type { Rule } from '../rule/rule.js';
import type { InstanceUpdateSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

const base = { kinds: ['VirtualMachineInstance'], operations: ['UPDATE'], since: '0.1' } as const;

/** Where the spec of a VMI first says something else than the stored one. Either may have any shape. */
export const specDifference = (vmi: VirtualMachineInstance, old: VirtualMachineInstance): string | undefined =>
  differenceAt('VirtualMachineInstance', 'spec', vmi.spec, old.spec);

/** An agent reports what is; what should be is for the other programs. */
const mayChangeMore = ({ byOurPrograms, agent }: InstanceUpdateSubject): boolean =>
  byOurPrograms && agent === undefined;

/**
 * A uid as our programs take it into a path: Kubernetes makes UUIDs, and promises no more than that a uid is a text.
 * Nothing that could be more than one step of a path.
 */
const UID = /^[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?$/;

const podUidsOf = ({ status }: VirtualMachineInstance): { readonly field: string; readonly uid: unknown }[] => [
  ...Object.keys(status?.activePods ?? {}).map((uid) => ({ field: 'status.activePods', uid })),
  ...(status?.launcherPod == null ? [] : [{ field: 'status.launcherPod.uid', uid: status.launcherPod.uid }]),
];

/** Who may write what of a VMI that exists. */
export const instanceUpdateRules: readonly Rule<InstanceUpdateSubject>[] = [
  ...nodeRestrictionRules,
  {
    ...base,
    id: 'upd.spec',
    field: 'spec',
    source: 'docs/reference/admission.md §8',
    summary: 'a change to the spec of a VirtualMachineInstance, unless by virt-controller or virt-webhook',
    check: (subject) =>
      subject.changed === undefined || mayChangeMore(subject)
        ? []
        : [
            forbidden(
              subject.changed,
              'the spec of a VirtualMachineInstance cannot be changed: change the VirtualMachine that owns it, or delete it and create it again',
            ),
          ],
  },
  {
    ...base,
    id: 'upd.labels',
    field: 'metadata.labels',
    source: 'docs/reference/admission.md §8, §3.8',
    summary: 'a change to labels that only the programs of this project may write',
    check: (subject) =>
      mayChangeMore(subject)
        ? []
        : RESTRICTED_LABELS.filter(
            (label) => subject.vmi.metadata?.labels?.[label] !== subject.old.metadata?.labels?.[label],
          ).map((label) =>
            forbidden(
              `metadata.labels[${label}]`,
              'only the programs of this project write this label: leave it as it was',
            ),
          ),
  },
  {
    ...base,
    id: 'upd.owner',
    field: 'metadata.ownerReferences',
    source: "none: an instance that names a VirtualMachine as its controller is taken for that one's guest",
    summary:
      'a change that makes a VirtualMachine or replica set the controller of an instance, unless by virt-controller',
    check: (subject) => {
      const { vmi, old } = subject;
      if (mayChangeMore(subject)) return [];
      return ownersOfOurs(vmi.metadata ?? {}, old.metadata).map((index) =>
        forbidden(
          `metadata.ownerReferences[${index}]`,
          'virt-controller alone writes which VirtualMachine or replica set made an instance: leave it as it was',
        ),
      );
    },
  },
  {
    ...base,
    id: 'upd.virtlet',
    field: 'metadata.annotations',
    source: 'docs/reference/density-and-cpu.md §3.1 (E-ANN-1)',
    summary: "a change of Virtlet's annotations, which are acted on at the start only",
    check: ({ vmi, old }) => {
      const [now, before] = [vmi.metadata?.annotations ?? {}, old.metadata?.annotations ?? {}];
      const keys = new Set([...Object.keys(now), ...Object.keys(before)].filter(isVirtletKey));
      const valueOf = (annotations: Readonly<Record<string, string>>, key: string) =>
        Object.hasOwn(annotations, key) ? annotations[key] : undefined;
      return [...keys]
        .filter((key) => valueOf(now, key) !== valueOf(before, key))
        .map((key) =>
          forbidden(
            `metadata.annotations[${key}]`,
            'Virtlet annotations of a VirtualMachineInstance that exists cannot be changed: change the template of the VirtualMachine, or delete the instance and create it again',
          ),
        );
    },
  },
  {
    ...base,
    id: 'upd.pod-uid',
    field: 'status.activePods, status.launcherPod.uid',
    source: 'own rule: the agent looks for the pod by this uid in paths of the node',
    summary: 'a pod that is named by what is no uid',
    check: ({ vmi, old }) => {
      const known = podUidsOf(old).map(({ uid }) => uid);
      return podUidsOf(vmi)
        .filter(({ uid }) => !known.includes(uid) && !(typeof uid === 'string' && UID.test(uid)))
        .map(({ field, uid }) =>
          invalid(field, `${show(uid)} is no uid: write metadata.uid of the pod, letters, digits and hyphens`),
        );
    },
  },
];
