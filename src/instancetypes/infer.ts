import { without } from '../api/record.js';
import { INFER_LABELS, type InstancetypeRole } from '../api/instancetype/instancetype-kinds.js';
import type { VirtualMachine } from '../api/schema/kinds.js';
import type { DataVolumeTemplateSpec, InstancetypeMatcher } from '../api/schema/virtualmachine.js';
import type { DataVolumeSpec } from '../api/schema/datavolume.js';
import { matcherOf } from './find.js';
import type { InstancetypeSource, VolumeFacts } from './source.js';

/*
 * `inferFromVolume`: a volume says by its labels which instance type or preference its guest is for. Looked for on the
 * claim or DataVolume of the volume, on the template that makes it, and on the claim of the same namespace that it
 * copies. Claims of other namespaces are not looked at: whether there is one is not the requester's to learn.
 */

export interface InferProblem {
  readonly role: InstancetypeRole;
  readonly field: string;
  /** Continues the field. */
  readonly message: string;
}

export type Inference =
  | { readonly matcher: InstancetypeMatcher }
  /** Nothing can be inferred; `unknown`: nobody knows here. */
  | { readonly problem: InferProblem; readonly isUnknown: boolean; readonly mayBeIgnored: boolean };

const IGNORE = 'Ignore';

/** What inference reads of a DataVolume's spec. */
export const volumeFacts = (
  labels: Readonly<Record<string, string>> | undefined,
  { source, sourceRef }: Pick<DataVolumeSpec, 'source' | 'sourceRef'>,
  namespace: string,
): VolumeFacts => ({
  labels: labels ?? {},
  copies: source?.pvc && { namespace: source.pvc.namespace || namespace, name: source.pvc.name },
  from: source?.snapshot === undefined ? (sourceRef === undefined ? undefined : 'a DataSource') : 'a VolumeSnapshot',
});

const ofTemplate = (template: DataVolumeTemplateSpec, namespace: string): VolumeFacts =>
  volumeFacts(template.metadata?.labels, template.spec, namespace);

/** The objects whose labels count, the nearest first. */
const chainOf = (vm: VirtualMachine, name: string, namespace: string, source: InstancetypeSource) => {
  const volume = vm.spec.template.spec?.volumes?.find((one) => one.name === name);
  const claim = volume?.persistentVolumeClaim?.claimName;
  const dataVolume = volume?.dataVolume?.name;
  const object = claim ?? dataVolume;
  if (object === undefined) return { volume, object, facts: [] };
  const template = vm.spec.dataVolumeTemplates?.find(({ metadata }) => metadata?.name === object);
  const facts = [
    ...(claim === undefined ? [] : [source.volume('PersistentVolumeClaim', namespace, object)]),
    source.volume('DataVolume', namespace, object),
    ...(template === undefined ? [] : [ofTemplate(template, namespace)]),
    ...(claim === undefined ? [source.volume('PersistentVolumeClaim', namespace, object)] : []),
  ].filter((one) => one !== undefined);
  const copies = facts.flatMap(({ copies: copied }) =>
    copied === undefined || copied.namespace !== namespace
      ? []
      : (source.volume('PersistentVolumeClaim', namespace, copied.name) ?? []),
  );
  return { volume, object, facts: [...facts, ...copies] };
};

/** What the volume's labels say; undefined where the VM infers nothing in this role. */
export const infer = (
  role: InstancetypeRole,
  vm: VirtualMachine,
  namespace: string,
  source: InstancetypeSource,
): Inference | undefined => {
  const matcher = matcherOf(vm, role);
  const { inferFromVolume: name, inferFromVolumeFailurePolicy: policy } = matcher ?? {};
  // What stands beside it, a rule refuses.
  if (!name || matcher?.name || matcher?.kind) return undefined;
  const field = `spec.${role}.inferFromVolume`;
  const label = INFER_LABELS[role];
  const { volume, object, facts } = chainOf(vm, name, namespace, source);
  const fail = (message: string, more: { isUnknown?: boolean; mayBeIgnored?: boolean } = {}): Inference => ({
    problem: { role, field, message },
    isUnknown: more.isUnknown ?? false,
    mayBeIgnored: (more.mayBeIgnored ?? true) && policy === IGNORE,
  });
  if (volume === undefined)
    return fail(
      `names volume ${JSON.stringify(name)}, which is not in spec.template.spec.volumes: write the name of one that is`,
      {
        mayBeIgnored: false,
      },
    );
  if (object === undefined)
    return fail(
      `names volume ${JSON.stringify(name)}, which is no claim and no DataVolume: write spec.${role}.name instead`,
    );
  const found = facts.find(({ labels }) => labels[label.name]);
  if (found !== undefined) {
    const kind = found.labels[label.kind];
    return { matcher: { name: found.labels[label.name] ?? '', ...(kind ? { kind } : {}) } };
  }
  const remedy = `label it ${label.name}, or write spec.${role}.name instead`;
  if (facts.length === 0)
    return fail(
      `names volume ${JSON.stringify(name)}, but ${source.isComplete ? 'there is neither a claim nor' : 'among the files is neither a claim nor'} a DataVolume ${object}: create it first, or write spec.${role}.name instead`,
      {
        isUnknown: !source.isComplete,
      },
    );
  const from = facts.find((one) => one.from !== undefined)?.from;
  if (from !== undefined)
    return fail(
      `names volume ${JSON.stringify(name)}, which comes from ${from}, whose labels are not read: for ${object}, ${remedy}`,
      {
        isUnknown: false,
      },
    );
  return fail(`names volume ${JSON.stringify(name)}, whose ${object} has no label ${label.name}: ${remedy}`, {
    isUnknown: !source.isComplete && facts.every(({ copies }) => copies !== undefined),
  });
};

/** A VM whose inferred matchers are written out. */
export interface Inferred {
  readonly vm: VirtualMachine;
  readonly problems: readonly InferProblem[];
}

/**
 * Writes what volumes say into the matchers. Where nothing is found and the policy is Ignore, the matcher is removed;
 * where an instance type is found in spite of that policy, the memory that was written in case it would not be is
 * removed, as it would conflict. What nobody can know here stays as it is.
 */
export const inferMatchers = (vm: VirtualMachine, namespace: string, source: InstancetypeSource): Inferred => {
  const problems: InferProblem[] = [];
  let result = vm;
  for (const role of ['instancetype', 'preference'] as const) {
    const inference = infer(role, vm, namespace, source);
    if (inference === undefined) continue;
    if ('matcher' in inference) {
      const spec = { ...result.spec, [role]: inference.matcher };
      const isOptional = vm.spec[role]?.inferFromVolumeFailurePolicy === IGNORE;
      result = { ...result, spec: role === 'instancetype' && isOptional ? withoutMemory(spec) : spec };
    } else if (inference.mayBeIgnored && !inference.isUnknown) {
      result = { ...result, spec: without(result.spec, role) };
    } else if (!inference.isUnknown) problems.push(inference.problem);
  }
  return { vm: result, problems };
};

type Matchers = { readonly [Role in InstancetypeRole]?: Partial<InstancetypeMatcher> | null | undefined };

/**
 * A manifest that is applied again brings `inferFromVolume` back beside the name that was inferred from it, and the
 * memory that had to go: both go again. Another volume, or another name, is looked at anew.
 */
export const withoutInferredBefore = (vm: VirtualMachine, old: Matchers | undefined): VirtualMachine => {
  let result = vm;
  for (const role of ['instancetype', 'preference'] as const) {
    const { name, kind, inferFromVolume, inferFromVolumeFailurePolicy: policy } = vm.spec[role] ?? {};
    const before = old?.[role];
    const isAgain = inferFromVolume && name && before?.name === name && !before.inferFromVolume;
    if (!isAgain || (kind ?? '') !== (before.kind ?? '')) continue;
    const spec = { ...result.spec, [role]: { name, ...(kind ? { kind } : {}) } };
    result = { ...result, spec: role === 'instancetype' && policy === IGNORE ? withoutMemory(spec) : spec };
  }
  return result;
};

const withoutMemory = (spec: VirtualMachine['spec']): VirtualMachine['spec'] => {
  const instance = spec.template.spec;
  if (instance?.domain.memory === undefined) return spec;
  const domain = without(instance.domain, 'memory');
  return { ...spec, template: { ...spec.template, spec: { ...instance, domain } } };
};
