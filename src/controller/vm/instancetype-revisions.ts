import {
  kindOfMatcher,
  type InstancetypeKind,
  type InstancetypeRole,
} from '../../api/instancetype/instancetype-kinds.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import type { InstancetypeStatusRef } from '../../api/schema/virtualmachine.js';
import type { Applied } from '../../instancetypes/expand.js';
import { buildRevision, isRevisionOf, keepsSame, keptObject } from '../../instancetypes/revision.js';
import type { Revision } from '../../instancetypes/source.js';
import { ApiError, isAlreadyExists, isNotFound } from '../../kube/client/api-error.js';
import { ifFound } from '../../kube/client/if-found.js';
import { controllerRevisionPath } from '../../kube/client/resources.js';
import type { ControllerContext } from '../context.js';

/*
 * What a VM keeps of its instance type and preference: copies in ControllerRevisions that it owns, made at the first
 * pass that finds the objects, and named in its status. Killed between two writes, the next pass goes on.
 */

/** `status.instancetypeRef` and `status.preferenceRef`. */
export type Refs = Readonly<Record<`${InstancetypeRole}Ref`, InstancetypeStatusRef | undefined>>;

export const keptRefs = ({ status }: VirtualMachine): Refs => ({
  instancetypeRef: status?.instancetypeRef,
  preferenceRef: status?.preferenceRef,
});

type Context = Pick<ControllerContext, 'client' | 'instancetypes'>;

const refOf = (
  vm: VirtualMachine,
  role: InstancetypeRole,
  kind: InstancetypeKind,
  revision: string,
): InstancetypeStatusRef => {
  const { name, inferFromVolume, inferFromVolumeFailurePolicy } = vm.spec[role] ?? {};
  return {
    name,
    kind,
    controllerRevisionRef: { name: revision },
    ...(inferFromVolume ? { inferFromVolume } : {}),
    ...(inferFromVolumeFailurePolicy ? { inferFromVolumeFailurePolicy } : {}),
  };
};

/** Makes the revision, or takes the one that an earlier pass has made. */
const keep = async ({ client }: Context, vm: VirtualMachine, revision: Revision): Promise<string> => {
  const { namespace, name = '' } = revision.metadata ?? {};
  try {
    await client.create(controllerRevisionPath(namespace), revision);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const found = await client.get<Revision>(controllerRevisionPath(namespace, name));
    if (!isRevisionOf(found, vm) || !keepsSame(found, revision))
      throw new Error(`ControllerRevision ${name} exists and keeps something else: delete it`, { cause: error });
  }
  return name;
};

/** The status names a revision that the cache does not show: it was deleted, or the cache is behind. */
const requireGone = async ({ client }: Context, vm: VirtualMachine, role: InstancetypeRole): Promise<void> => {
  const { name, kind, controllerRevisionRef } = vm.status?.[`${role}Ref`] ?? {};
  const revision = controllerRevisionRef?.name;
  const matcher = vm.spec[role];
  if (!revision || name !== matcher?.name || kind !== kindOfMatcher(role, matcher?.kind)) return;
  const found = await ifFound(client.get<Revision>(controllerRevisionPath(vm.metadata?.namespace, revision)));
  const isKept = found !== undefined && !found.metadata?.deletionTimestamp && isRevisionOf(found, vm);
  if (isKept && keptObject(found, role, matcher ?? {}) !== undefined)
    throw new ApiError({ code: 409, reason: 'Conflict', message: `the cache does not show ${revision} yet` });
};

const capture = async (
  context: Context,
  vm: VirtualMachine,
  role: InstancetypeRole,
  { [role]: found }: Applied,
): Promise<InstancetypeStatusRef | undefined> => {
  if (found === undefined) return undefined;
  const { kind, object, revision } = found;
  if (revision !== undefined) return refOf(vm, role, kind, revision);
  await requireGone(context, vm, role);
  return refOf(vm, role, kind, await keep(context, vm, buildRevision(vm, kind, object)));
};

/** What a VM is made of, kept. Killed between two writes, the next pass finds what there is and goes on. */
export const captureRefs = async (context: Context, vm: VirtualMachine, applied: Applied): Promise<Refs> => ({
  instancetypeRef: await capture(context, vm, 'instancetype', applied),
  preferenceRef: await capture(context, vm, 'preference', applied),
});

/** Takes away the revisions of a VM that neither it nor its status names any more. */
export const tidyRevisions = async ({ client, instancetypes }: Context, vm: VirtualMachine): Promise<void> => {
  const { uid, namespace } = vm.metadata ?? {};
  if (!uid) return;
  const used = new Set(
    (['instancetype', 'preference'] as const).flatMap((role) => [
      vm.spec[role]?.revisionName,
      vm.status?.[`${role}Ref`]?.controllerRevisionRef?.name,
    ]),
  );
  for (const { metadata } of instancetypes.revisionsOf(uid)) {
    if (metadata?.namespace !== namespace || used.has(metadata?.name) || metadata?.deletionTimestamp) continue;
    try {
      await client.delete(controllerRevisionPath(namespace, metadata?.name), { uid: metadata?.uid });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
};
