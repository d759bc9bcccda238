import {
  CLUSTER_KINDS,
  INSTANCETYPE_RESOURCES,
  kindOfMatcher,
  type InstancetypeKind,
  type InstancetypeRole,
} from '../api/instancetype/instancetype-kinds.js';
import type { VirtualMachine } from '../api/schema/kinds.js';
import type { InstancetypeMatcher } from '../api/schema/virtualmachine.js';
import { readSpec, type SpecOf } from './read-object.js';
import { isRevisionOf, keptObject } from './revision.js';
import type { InstancetypeSource, StoredObject } from './source.js';

/** What a VM names, as it will be used. */
export interface Found<Role extends InstancetypeRole> {
  readonly kind: InstancetypeKind;
  readonly name: string;
  readonly spec: SpecOf[Role];
  readonly object: StoredObject;
  /** The ControllerRevision that it was taken from; absent: the object as it is now. */
  readonly revision?: string;
}

/** Why there is nothing to use. */
export interface NotFound {
  /** Whether it may come yet; else it is there and of no use. */
  readonly reason: 'missing' | 'unusable';
  /** In the VirtualMachine. */
  readonly field: string;
  /** What is wrong and what to do, continuing the field. */
  readonly message: string;
}

export type Search<Role extends InstancetypeRole> = Found<Role> | NotFound | undefined;

export const isFound = <Role extends InstancetypeRole>(search: Search<Role>): search is Found<Role> =>
  search !== undefined && 'spec' in search;

/** A matcher that says something; `{}` is none. */
export const matcherOf = (vm: VirtualMachine, role: InstancetypeRole): InstancetypeMatcher | undefined => {
  const matcher = vm.spec[role];
  return matcher !== undefined && Object.values(matcher).some(Boolean) ? matcher : undefined;
};

export const hasMatchers = (vm: VirtualMachine): boolean =>
  matcherOf(vm, 'instancetype') !== undefined || matcherOf(vm, 'preference') !== undefined;

const named = <Role extends InstancetypeRole>(
  role: Role,
  kind: InstancetypeKind,
  name: string,
  object: StoredObject,
  revision?: string,
): Search<Role> => {
  const read = readSpec(role, kind, object);
  if ('broken' in read)
    return {
      reason: 'unusable',
      field: `spec.${role}`,
      message: `names ${kind} ${name}, which is of no use${revision === undefined ? '' : ` as ControllerRevision ${revision} keeps it`}: ${read.broken}`,
    };
  const { spec } = read;
  return { kind, name, spec, object, ...(revision === undefined ? {} : { revision }) };
};

/** By the revision that the VM names itself. */
const byRevision = <Role extends InstancetypeRole>(
  role: Role,
  matcher: InstancetypeMatcher,
  vm: VirtualMachine,
  namespace: string,
  source: InstancetypeSource,
): Search<Role> => {
  const { revisionName: revision = '', name = '' } = matcher;
  const field = `spec.${role}.revisionName`;
  const found = source.revision(namespace, revision);
  if (found === undefined)
    return { reason: 'missing', field, message: `names ControllerRevision ${revision}, which is not there: remove it` };
  const kept = isRevisionOf(found, vm) ? keptObject(found, role, matcher) : undefined;
  return kept === undefined
    ? {
        reason: 'unusable',
        field,
        message: `names ControllerRevision ${revision}, which this VirtualMachine does not own, or which keeps another object: remove it`,
      }
    : named(role, kept.kind, name, kept.object, revision);
};

/** By the revision that was captured at the first start, as long as the VM names the same. */
const byStatus = <Role extends InstancetypeRole>(
  role: Role,
  matcher: InstancetypeMatcher,
  vm: VirtualMachine,
  namespace: string,
  source: InstancetypeSource,
): Search<Role> => {
  const revision = vm.status?.[`${role}Ref`]?.controllerRevisionRef?.name;
  const found = revision ? source.revision(namespace, revision) : undefined;
  const kept = found !== undefined && isRevisionOf(found, vm) ? keptObject(found, role, matcher) : undefined;
  return kept && named(role, kept.kind, matcher.name ?? '', kept.object, revision);
};

/**
 * What a VM names in a role; undefined where it names nothing, or nothing that could be looked for (a rule says so).
 * The revision of the matcher counts first, then the one in the VM's status, then the object itself. An object of
 * another namespace cannot be named.
 */
export const search = <Role extends InstancetypeRole>(
  role: Role,
  vm: VirtualMachine,
  namespace: string,
  source: InstancetypeSource,
): Search<Role> => {
  const matcher = matcherOf(vm, role);
  const kind = kindOfMatcher(role, matcher?.kind);
  if (!matcher?.name || kind === undefined) return undefined;
  if (matcher.revisionName) return byRevision(role, matcher, vm, namespace, source);
  const captured = byStatus(role, matcher, vm, namespace, source);
  if (captured !== undefined) return captured;
  const { isNamespaced } = INSTANCETYPE_RESOURCES[kind];
  const object = source.object(kind, isNamespaced ? namespace : '', matcher.name);
  if (object !== undefined) return named(role, kind, matcher.name, object);
  const where = isNamespaced ? ` in namespace ${namespace || 'default'}` : '';
  const among = source.isComplete ? 'does not exist' : 'is neither among these files nor one that this product ships';
  const other = CLUSTER_KINDS[role] === kind ? ', or write its kind if it is of the namespace' : '';
  return {
    reason: 'missing',
    field: `spec.${role}.name`,
    message: `${kind} ${matcher.name} ${among}${where}: create it${other}`,
  };
};
