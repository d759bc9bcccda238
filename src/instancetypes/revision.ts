import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  INSTANCETYPE_GROUP,
  INSTANCETYPE_VERSION,
  kindOfMatcher,
  RevisionLabel,
  type InstancetypeKind,
  type InstancetypeRole,
} from '../api/instancetype/instancetype-kinds.js';
import { isRecord } from '../api/record.js';
import type { VirtualMachine } from '../api/schema/kinds.js';
import type { ObjectMeta } from '../api/schema/meta.js';
import type { Revision, StoredObject } from './source.js';

/*
 * A VM keeps a copy of what it was started with, in a ControllerRevision that it owns: who changes an instance type
 * changes no VM that has it already.
 */

const MAX_NAME = 253;
const HASH = 16;

/** `<vm>-<object>-<version>-<object uid>-<generation>`; of a long name the beginning and a hash. */
export const revisionName = (vm: VirtualMachine, { metadata }: StoredObject): string => {
  const { name = '', uid = '', generation = 1 } = metadata ?? {};
  const full = [vm.metadata?.name ?? '', name, INSTANCETYPE_VERSION, uid, String(generation)].join('-');
  if (full.length <= MAX_NAME) return full;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, HASH);
  return `${full.slice(0, MAX_NAME - HASH - 1).replace(/[-.]+$/, '')}-${hash}`;
};

/** What identifies the object, and nothing that others wrote beside it. */
const identity = (metadata: ObjectMeta | undefined): ObjectMeta => ({
  name: metadata?.name,
  ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
  uid: metadata?.uid,
  generation: metadata?.generation,
});

/** The ControllerRevision that keeps an object for a VM. */
export const buildRevision = (vm: VirtualMachine, kind: InstancetypeKind, object: StoredObject): Revision => {
  const { name = '', namespace, uid = '' } = vm.metadata ?? {};
  const { metadata } = object;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(vm, object),
      namespace,
      labels: {
        [RevisionLabel.generation]: String(metadata?.generation ?? 1),
        [RevisionLabel.kind]: kind,
        [RevisionLabel.name]: labelValue(metadata?.name),
        [RevisionLabel.uid]: metadata?.uid ?? '',
        [RevisionLabel.version]: INSTANCETYPE_VERSION,
      },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachine',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    data: {
      apiVersion: `${INSTANCETYPE_GROUP}/${INSTANCETYPE_VERSION}`,
      kind,
      metadata: identity(metadata),
      spec: object.spec,
    },
    // Which one is the newest, the generation says.
    revision: 1,
  } as Revision;
};

const MAX_LABEL = 63;

/** Names have up to 253 characters, values of labels 63. */
export const labelValue = (name = ''): string =>
  name.length <= MAX_LABEL
    ? name
    : `${name.slice(0, MAX_LABEL - HASH - 1).replace(/[-.]+$/, '')}-${createHash('sha256').update(name).digest('hex').slice(0, HASH)}`;

/** Whether two revisions keep the same spec. */
export const keepsSame = (one: Revision, other: Revision): boolean => isDeepStrictEqual(specOf(one), specOf(other));

const specOf = ({ data }: Revision): unknown => (isRecord(data) ? data['spec'] : undefined);

/**
 * Made by virt-controller for this VM. Who can forge it could as well write the same into the VM: no more is proved.
 */
export const isRevisionOf = ({ metadata }: Revision, vm: Pick<VirtualMachine, 'metadata'>): boolean => {
  const own = vm.metadata?.uid;
  if (!own) return false;
  return (metadata?.ownerReferences ?? []).some(
    ({ kind, uid, controller }) => kind === 'VirtualMachine' && controller === true && uid === own,
  );
};

/** The object that a revision keeps; undefined where it says of itself that it is another one. */
export const keptObject = (
  revision: Revision,
  role: InstancetypeRole,
  wanted: { readonly kind?: string | undefined; readonly name?: string | undefined },
): { readonly kind: InstancetypeKind; readonly object: StoredObject } | undefined => {
  const labels = revision.metadata?.labels ?? {};
  const kind = kindOfMatcher(role, labels[RevisionLabel.kind] || wanted.kind);
  if (kind === undefined || kind !== kindOfMatcher(role, wanted.kind) || !isRecord(revision.data)) return undefined;
  if (labels[RevisionLabel.name] !== labelValue(wanted.name)) return undefined;
  return { kind, object: revision.data };
};
