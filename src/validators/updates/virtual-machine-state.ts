import { effectiveRunStrategy } from '../../api/vmi/run-strategy.js';
import { differenceAt } from '../../api/schema-check/semantic-difference.js';
import { notSupported, show, type Finding, type MachineSubject, type Rule } from '../rule/rule.js';

/*
 * What must not change of a VM while a snapshot or a restore of it is under way. Source: spec/admission.md §9.4.
 */

type Old = NonNullable<MachineSubject['old']>;
type RunFields = { readonly running?: unknown; readonly runStrategy?: unknown } | undefined;

/** Names the snapshot or restore; the stored object counts too, because a user may leave the status out. */
const inProgress = (
  { vm, old }: MachineSubject,
  name: 'snapshotInProgress' | 'restoreInProgress',
): string | undefined => vm.status?.[name] ?? old?.status?.[name];

/** `running` and `runStrategy` are two ways to say it; going from one to the other is a change (as in the reference). */
const runningChange = (now: RunFields, before: RunFields): string | undefined => {
  if (now?.running !== before?.running) return 'spec.running';
  return now?.runStrategy === before?.runStrategy ? undefined : 'spec.runStrategy';
};

const stateRule = (
  id: string,
  field: string,
  summary: string,
  progress: 'snapshotInProgress' | 'restoreInProgress',
  check: (subject: MachineSubject & { old: Old }, name: string) => Finding | undefined,
): Rule<MachineSubject> => ({
  id,
  kinds: ['VirtualMachine'],
  operations: ['UPDATE'],
  field,
  source: 'spec/admission.md §9.4',
  since: '0.1',
  summary,
  check: (subject) => {
    const { old } = subject;
    const name = inProgress(subject, progress);
    if (old === undefined || name === undefined) return [];
    const found = check({ ...subject, old }, name);
    return found === undefined ? [] : [found];
  },
});

export const machineStateRules: readonly Rule<MachineSubject>[] = [
  stateRule(
    'vm.snapshot-volumes',
    'spec.template.spec.volumes',
    'a change to the volumes while a snapshot is taken',
    'snapshotInProgress',
    ({ vm, old }, name) => {
      const [now, before] = [vm.spec.template.spec?.volumes, old.spec?.template?.spec?.volumes];
      const change = differenceAt('VirtualMachine', 'spec.template.spec.volumes', now, before);
      return change === undefined
        ? undefined
        : notSupported(change, `volumes stay as they are until snapshot ${show(name)} is complete: try again then`);
    },
  ),
  stateRule(
    'vm.snapshot-running',
    'spec.{running,runStrategy}',
    'a start or stop while a snapshot is taken',
    'snapshotInProgress',
    ({ vm, old }, name) => {
      const change = runningChange(vm.spec, old.spec);
      return change === undefined
        ? undefined
        : notSupported(
            change,
            `the VM is neither started nor stopped until snapshot ${show(name)} is complete: try again then`,
          );
    },
  ),
  stateRule(
    'vm.restore-running',
    'spec.{running,runStrategy}',
    'a change of the run strategy while the VM is restored',
    'restoreInProgress',
    ({ vm, old }, name) => {
      const before = effectiveRunStrategy(old.spec ?? {});
      const now = effectiveRunStrategy(vm.spec);
      return now === before
        ? undefined
        : notSupported(
            vm.spec.runStrategy === undefined ? 'spec.running' : 'spec.runStrategy',
            `the run strategy stays ${before} until restore ${show(name)} is complete: try again then`,
          );
    },
  ),
];
