import { useKey, type Permission } from '../../api/access/access.js';
import { foreignSources, isAmong, storedForeignSources } from '../../api/access/foreign-source.js';
import { Annotation } from '../../api/names.js';
import type {
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../../api/schema/kinds.js';
import { schemaOf } from '../../api/schema-check/check-schema.js';
import { withoutNulls } from '../../api/schema-check/without-nulls.js';
import type { Stored } from '../../validators/rule/subject.js';
import { asItWillRun } from '../expansion.js';
import { isOurProgram } from '../our-programs.js';
import { checkShape } from '../schema.js';
import { isRelease } from '../deletion.js';
import type { AdmissionContext, AdmissionRequest } from '../types.js';
import { dataVolumePermissions } from './data-volumes.js';
import { instancePermissions } from './instance.js';

const NOTHING: readonly Permission[] = [];
const TEMPLATE = { path: 'spec.template.spec', metadataPath: 'spec.template.metadata' } as const;
const INSTANCE = { path: 'spec', metadataPath: 'metadata' } as const;

const namespaceOf = ({ namespace, object }: AdmissionRequest): string =>
  namespace || ((object as { metadata?: { namespace?: string } }).metadata?.namespace ?? '');

/** Of an object of the kind's shape; of a stored one as far as it has it. */
const all = (request: AdmissionRequest, object: unknown, context: AdmissionContext): readonly Permission[] => {
  const namespace = namespaceOf(request);
  switch (request.kind) {
    case 'VirtualMachineInstance': {
      const { metadata, spec } = object as VirtualMachineInstance;
      // Its spec does not change any more; its annotations do, and a pod that is yet to be made gets them.
      const asked = request.operation === 'UPDATE' ? undefined : spec;
      return instancePermissions(metadata, asked, { namespace, ...INSTANCE });
    }
    case 'VirtualMachine': {
      const { spec } = asItWillRun(object as VirtualMachine, namespace, context);
      const { metadata, spec: instance } = spec.template;
      return [
        ...instancePermissions(metadata, instance, { namespace, ...TEMPLATE }),
        ...dataVolumePermissions(spec.dataVolumeTemplates, namespace),
      ];
    }
    case 'VirtualMachineInstanceReplicaSet': {
      const { metadata, spec } = (object as VirtualMachineInstanceReplicaSet).spec.template;
      return instancePermissions(metadata, spec, { namespace, ...TEMPLATE });
    }
    case 'KubeVirt':
      return NOTHING;
  }
};

/**
 * What was stored under an older schema may have any shape: what cannot be read requested nothing, so all permissions
 * are checked again.
 */
const stored = (request: AdmissionRequest, context: AdmissionContext): readonly Permission[] => {
  try {
    return all(request, request.oldObject, context);
  } catch {
    return NOTHING;
  }
};

const requesterOf = (object: unknown): string | undefined =>
  (object as Stored<VirtualMachine> | null | undefined)?.metadata?.annotations?.[Annotation.requestedBy];

/**
 * From now on another user is responsible for what comes from other namespaces: a source was added or changed, or the
 * user asked to take over. That user is then responsible for all of it, because virt-controller acts for one user.
 */
const takesOver = (request: AdmissionRequest): boolean => {
  if (request.kind !== 'VirtualMachine') return false;
  const namespace = namespaceOf(request);
  const [vm, old] = [request.object as VirtualMachine, request.oldObject as Stored<VirtualMachine> | null | undefined];
  const now = foreignSources(vm.spec.dataVolumeTemplates, namespace);
  if (now.length === 0) return false;
  const requester = requesterOf(vm);
  if (requester !== undefined && requester !== requesterOf(old)) return true;
  return !isAmong(now, storedForeignSources(old, namespace));
};

const onUpdate = (
  request: AdmissionRequest,
  needed: readonly Permission[],
  context: AdmissionContext,
): readonly Permission[] => {
  const before = new Set(stored(request, context).map(useKey));
  const everything = takesOver(request);
  return needed.filter((permission) => !before.has(useKey(permission)) || (everything && isOfDataVolumes(permission)));
};

const isOfDataVolumes = ({ field }: Permission): boolean => field.startsWith('spec.dataVolumeTemplates[');

/**
 * What cannot be read and was admitted all the same was stored so, with its whole spec: it takes nothing that is new.
 */
const neededBy = (request: AdmissionRequest, context: AdmissionContext): readonly Permission[] => {
  try {
    return all(request, request.object, context);
  } catch (error) {
    if (request.operation === 'UPDATE' && !checkShape(request.kind, request.object).shaped) return NOTHING;
    throw error;
  }
};

/** What is null is absent, here as for the rules. */
const asRead = (request: AdmissionRequest): AdmissionRequest => {
  const schema = schemaOf(request.kind);
  return {
    ...request,
    object: withoutNulls(schema, request.object),
    oldObject: withoutNulls(schema, request.oldObject),
  };
};

/**
 * The rights, beyond those on the object itself, that the user of an admitted request must have: for what our programs
 * make and read on his behalf. An update asks for what it adds. None for our own programs, which pass on what was asked
 * for, for /status, and for what is being deleted. Pure.
 */
export const permissionsOf = (submitted: AdmissionRequest, context: AdmissionContext): readonly Permission[] => {
  const request = asRead(submitted);
  if (request.kind === 'KubeVirt' || request.subResource !== undefined) return NOTHING;
  if (isOurProgram(request.user?.username, context.installNamespace) || isRelease(request, context)) return NOTHING;
  const needed = neededBy(request, context);
  return needed.length === 0 || request.operation === 'CREATE' ? needed : onUpdate(request, needed, context);
};
