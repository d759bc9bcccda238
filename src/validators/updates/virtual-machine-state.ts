import { effectiveRunStrategy } from '../../api/vmi/run-strategy.js';
import { differenceAt } from '../../api/schema-check/semantic-difference.js';
import { notSupported, type Finding } from '../rule/finding.js';
import { ruleFamily, type Rule, type RuleEntry } from '../rule/rule.js';
import type { MachineSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * What must not change of a VM while a snapshot or a restore of it is under way. Source: docs/reference/admission.md
 * §9.4.
 */

type Old = NonNullable<MachineSubject['old']>;
type RunFields = { readonly running?: unknown; readonly runStrategy?: unknown } | undefined;

/** Names the snapshot or restore; the stored object counts too, because a user may omit the status. */
const inProgress = (
  { vm, old }: MachineSubject,
  name: 'snapshotInProgress' | 'restoreInProgress',
): string | undefined => vm.status?.[name] ?? old?.status?.[name];

/**
 * `running` and `runStrategy` are two ways to say it; going from one to the other is a change (as in the reference).
 */
const runningChange = (now: RunFields, before: RunFields): string | undefined => {
  if (now?.running !== before?.running) return 'spec.running';
  return now?.runStrategy === before?.runStrategy ? undefined : 'spec.runStrategy';
};

const updateRule = ruleFamily<MachineSubject, (subject: MachineSubject) => readonly Finding[]>({
  kinds: ['VirtualMachine'],
  operations: ['UPDATE'],
  source: '§9.4',
  run: (subject, check) => check(subject),
});

/** A rule that holds while a snapshot or restore is under way; `name` is that one's. */
const stateRule = ({
  progress,
  check,
  ...rule
}: RuleEntry<(subject: MachineSubject & { old: Old }, name: string) => Finding | undefined> & {
  readonly progress: 'snapshotInProgress' | 'restoreInProgress';
}) =>
  updateRule({
    ...rule,
    check: (subject) => {
      const { old } = subject;
      const name = inProgress(subject, progress);
      if (old === undefined || name === undefined) return [];
      const found = check({ ...subject, old }, name);
      return found === undefined ? [] : [found];
    },
  });

export const machineStateRules: readonly Rule<MachineSubject>[] = [
  stateRule({
    id: 'vm.snapshot-volumes',
    field: 'spec.template.spec.volumes',
    progress: 'snapshotInProgress',
    summary: 'a change to the volumes while a snapshot is taken',
    check: ({ vm, old }, name) => {
      const [now, before] = [vm.spec.template.spec?.volumes, old.spec?.template?.spec?.volumes];
      const change = differenceAt('VirtualMachine', 'spec.template.spec.volumes', now, before);
      return change === undefined
        ? undefined
        : notSupported(change, `volumes stay as they are until snapshot ${show(name)} is complete: try again then`);
    },
  }),
  stateRule({
    id: 'vm.snapshot-running',
    field: 'spec.{running,runStrategy}',
    progress: 'snapshotInProgress',
    summary: 'a start or stop while a snapshot is taken',
    check: ({ vm, old }, name) => {
      const change = runningChange(vm.spec, old.spec);
      return change === undefined
        ? undefined
        : notSupported(
            change,
            `the VM is neither started nor stopped until snapshot ${show(name)} is complete: try again then`,
          );
    },
  }),
  stateRule({
    id: 'vm.restore-running',
    field: 'spec.{running,runStrategy}',
    progress: 'restoreInProgress',
    summary: 'a change of the run strategy while the VM is restored',
    check: ({ vm, old }, name) => {
      const before = effectiveRunStrategy(old.spec ?? {});
      const now = effectiveRunStrategy(vm.spec);
      return now === before
        ? undefined
        : notSupported(
            vm.spec.runStrategy === undefined ? 'spec.running' : 'spec.runStrategy',
            `the run strategy stays ${before} until restore ${show(name)} is complete: try again then`,
          );
    },
  }),
];
