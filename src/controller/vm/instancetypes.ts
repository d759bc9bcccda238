import { expansionOf, type Expansion } from '../../admission/expansion.js';
import {
  INSTANCETYPE_RESOURCES,
  kindOfMatcher,
  type InstancetypeKind,
  type InstancetypeRole,
} from '../../api/instancetype/instancetype-kinds.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import { findCondition } from '../../api/vmi/condition.js';
import { isDeleting } from '../../api/vmi/phase.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { Applied } from '../../instancetypes/expand.js';
import { matcherOf } from '../../instancetypes/find.js';
import type { InstancetypeSource } from '../../instancetypes/source.js';
import { errorMessage, isConflict } from '../../kube/client/api-error.js';
import { mergePatch } from '../../kube/client/patch.js';
import { vmPath } from '../../kube/client/resources.js';
import type { ControllerContext } from '../context.js';

/*
 * Instance type and preference of a VM (docs/instance-types.md): what it names is kept in ControllerRevisions that it
 * owns (instancetype-revisions.ts); the VMI is made of the expanded template. Everything is checked again here: an
 * object may have changed since the VM was admitted.
 */

export interface Problem {
  readonly reason: string;
  readonly message: string;
}

/** A VM and what it is to be. */
export interface Sized {
  /** Expanded; with a problem as far as that goes. */
  readonly vm: VirtualMachine;
  readonly applied: Applied;
  /** Why it cannot start. */
  readonly problem: Problem | undefined;
}

const REASONS: Readonly<Record<InstancetypeRole, string>> = {
  instancetype: 'FailedFindInstancetype',
  preference: 'FailedFindPreference',
};

const roleOf = (field: string): InstancetypeRole =>
  field.startsWith('spec.preference') ? 'preference' : 'instancetype';

/** What admission would refuse: an object may have come, or changed, since it was asked. A kept copy is as it was. */
const problemOf = ({ findings, missing }: Expansion, isKept: boolean): Problem | undefined => {
  const [first] = [...missing, ...findings.unusable];
  if (first !== undefined) return { reason: REASONS[roleOf(first.field)], message: `${first.field} ${first.message}` };
  const wrong = [...findings.conflicts, ...findings.spread, ...(isKept ? [] : findings.requirements)];
  if (wrong.length === 0) return undefined;
  return { reason: 'FailedCreate', message: wrong.map(({ field, message }) => `${field} ${message}`).join('; ') };
};

/** What a VM is to be, by the caches. */
export const sized = (vm: VirtualMachine, instancetypes: InstancetypeSource, config: ClusterConfig): Sized => {
  const expansion = expansionOf(vm, vm.metadata?.namespace, { config, instancetypes });
  if (expansion === undefined) return { vm, applied: {}, problem: notYetInferred(vm) };
  const { vm: expanded, applied } = expansion;
  const isKept = vm.status?.preferenceRef?.controllerRevisionRef !== undefined;
  return { vm: expanded, applied, problem: problemOf(expansion, isKept) ?? notYetInferred(vm) };
};

export const instancetypeKey = (kind: InstancetypeKind, namespace = '', name = ''): string =>
  `${kind}/${INSTANCETYPE_RESOURCES[kind].isNamespaced ? namespace : ''}/${name}`;

/** For an index of VMs: what a VM names. */
export const matcherKeys = (vm: VirtualMachine): string[] =>
  (['instancetype', 'preference'] as const).flatMap((role) => {
    const matcher = matcherOf(vm, role);
    const kind = kindOfMatcher(role, matcher?.kind);
    return matcher?.name && kind !== undefined ? [instancetypeKey(kind, vm.metadata?.namespace, matcher.name)] : [];
  });

/** Admission infers; a VM that was stored without it waits for the next write. */
const notYetInferred = (vm: VirtualMachine): Problem | undefined => {
  const role = (['instancetype', 'preference'] as const).find((one) => {
    const matcher = matcherOf(vm, one);
    return matcher !== undefined && !matcher.name;
  });
  if (role === undefined) return undefined;
  return { reason: REASONS[role], message: `spec.${role} names nothing: write its name, or apply the VM again` };
};

/**
 * Whether the VM itself is to become what its instance type and preference make of it (`referencePolicy`): with
 * `expand` unless something was captured already, with `expandAll` always.
 */
export const isToBeExpanded = (vm: VirtualMachine, { problem, applied }: Sized, config: ClusterConfig): boolean => {
  if (
    isDeleting(vm) ||
    problem !== undefined ||
    (applied.instancetype === undefined && applied.preference === undefined)
  )
    return false;
  if (config.instancetypeReferencePolicy === 'reference') return false;
  const isCaptured = (['instancetypeRef', 'preferenceRef'] as const).some((ref) => vm.status?.[ref] !== undefined);
  return config.instancetypeReferencePolicy === 'expandAll' || !isCaptured;
};

/**
 * `referencePolicy: expand`: the VM itself becomes what it is made of, and names nothing any more.
 * @returns why it could not; a VM whose change is refused is started and stopped all the same, as what it names
 */
export const expandIn = async (
  { client, superseded }: Pick<ControllerContext, 'client' | 'superseded'>,
  vm: VirtualMachine,
  { vm: expanded }: Sized,
): Promise<'done' | { readonly reason: 'FailedExpand'; readonly message: string }> => {
  const { namespace, name, resourceVersion } = vm.metadata ?? {};
  const spec = { ...expanded.spec, instancetype: undefined, preference: undefined };
  const patch = mergePatch({ spec: vm.spec }, { spec });
  try {
    await client.patch(vmPath(namespace, name), { metadata: { resourceVersion }, ...patch }, 'merge');
    superseded.mark(vm);
    return 'done';
  } catch (error) {
    // Another program wrote first: the watch reports the change.
    if (isConflict(error)) return 'done';
    return { reason: 'FailedExpand', message: `the VM cannot become what it names: ${errorMessage(error)}` };
  }
};

/** As an event, unless the condition has it already. */
export const tellOnce = (
  { recorder }: Pick<ControllerContext, 'recorder'>,
  vm: VirtualMachine,
  problem: Problem,
): void => {
  if (isDeleting(vm)) return;
  const before = findCondition(vm.status?.conditions, 'Failure');
  if (before?.message !== problem.message) recorder.event(vm, 'Warning', problem.reason, problem.message);
};
