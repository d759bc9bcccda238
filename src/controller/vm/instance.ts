import { createHash } from 'node:crypto';
import { Annotation, Finalizer } from '../../api/names.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { VIRTLET_KEYS } from '../../api/virtlet/annotations.js';
import { API_VERSION } from '../../kube/client/resources.js';

/**
 * On a VMI: a digest of the template it was made from. A VM whose template differs from it needs a restart. Ours: the
 * reference keeps a ControllerRevision per start for the same question.
 */
export const ANNOTATION_TEMPLATE_HASH = 'kubevirt.io/vm-template-hash';

/** What kubectl and other tools write about the VM itself, not about its guest. */
const NOT_COPIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The VMI that a VM's template describes (docs/reference/domain.md §9.9, start procedure). Pure; admission defaults it
 * afterwards. `vm` is expanded; `origin` says of what.
 */
export const buildInstance = (
  vm: VirtualMachine,
  paused: boolean,
  origin: Readonly<Record<string, string>> = {},
): VirtualMachineInstance => {
  const { name = '', namespace, uid = '', generation = 1 } = vm.metadata ?? {};
  const { metadata, spec } = vm.spec.template;
  if (!spec) throw new Error(`VirtualMachine ${namespace ?? ''}/${name}: spec.template.spec is missing`);
  const annotations = { ...metadata?.annotations };
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy of our own
  delete annotations[NOT_COPIED];
  return {
    apiVersion: API_VERSION,
    kind: 'VirtualMachineInstance',
    metadata: {
      name,
      namespace,
      labels: { ...metadata?.labels },
      annotations: {
        ...annotations,
        ...origin,
        [Annotation.vmGeneration]: String(generation),
        [ANNOTATION_TEMPLATE_HASH]: templateHash(vm),
      },
      finalizers: [Finalizer.vmi, Finalizer.vm],
      ownerReferences: [
        { apiVersion: API_VERSION, kind: 'VirtualMachine', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: paused ? { ...spec, startStrategy: 'Paused' } : spec,
  };
};

export const isOwnedBy = (
  object: { metadata?: VirtualMachineInstance['metadata'] },
  uid: string | undefined,
): boolean => (object.metadata?.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === uid);

/** The VM's generation that this VMI was started from. */
export const startedGeneration = (vmi: VirtualMachineInstance): number | undefined => {
  const text = vmi.metadata?.annotations?.[Annotation.vmGeneration];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
};

/** What a guest is made from: the template's spec, and the annotations that are acted on. */
const guestOf = ({ spec: { template } }: VirtualMachine): unknown => {
  const annotations = Object.entries(template.metadata?.annotations ?? {});
  const virtlet = annotations.filter(([key]) => VIRTLET_KEYS.some((known) => known === key));
  return virtlet.length === 0 ? (template.spec ?? {}) : [template.spec ?? {}, Object.fromEntries(virtlet)];
};

export const templateHash = (vm: VirtualMachine): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(guestOf(vm))))
    .digest('hex')
    .slice(0, 16);

/** Order of keys says nothing in JSON. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
};
