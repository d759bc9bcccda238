import { NOT_ACTED_ON, VM_STATUS_NOT_ACTED_ON, type NotActedOn } from '../api/acted-on.js';
import { isWithin, type Cause } from '../api/cause.js';
import { differenceAt } from '../api/semantic-difference.js';
import type { RuleKind } from './rule.js';

/** What admission says about fields that exist in the API and that nothing acts on yet: nothing is silently ignored. */
export const notActedOnRule = {
  id: 'field.not-acted-on',
  kinds: [
    'VirtualMachineInstance',
    'VirtualMachine',
    'VirtualMachineInstanceReplicaSet',
    'KubeVirt',
  ] as readonly RuleKind[],
  field: 'those listed below',
  source: 'design §4',
  since: '0.1',
  summary: 'a field that this version does not act on yet',
} as const;

/** Off, empty and absent ask for nothing. */
const asksForNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

/** The places at which `steps` leads to something that is set. A step that ends in `[]` goes through every item. */
const placesOf = (value: unknown, steps: readonly string[], path: string): string[] => {
  const [step, ...rest] = steps;
  if (asksForNothing(value)) return [];
  if (step === undefined) return [path];
  if (typeof value !== 'object' || value === null) return [];
  const name = step.replace(/\[\]$/, '');
  const child = (value as Readonly<Record<string, unknown>>)[name];
  const childPath = `${path}.${name}`;
  if (name === step) return placesOf(child, rest, childPath);
  return Array.isArray(child) ? child.flatMap((item, i) => placesOf(item, rest, `${childPath}[${i}]`)) : [];
};

const causesBelow = (root: unknown, rootPath: string, list: readonly NotActedOn[]): Cause[] =>
  list.flatMap(({ path, reason }) =>
    placesOf(root, path.split('.'), rootPath).map((field) => ({
      type: 'FieldValueNotSupported' as const,
      field,
      message: `this version does not act on this field yet (${reason}): remove it`,
      rule: notActedOnRule.id,
    })),
  );

/** One cause for each place where the object has a field of the list. `object` fits its schema, or is any stored object. */
export const findNotActedOn = (
  kind: keyof typeof NOT_ACTED_ON,
  object: unknown,
  list: readonly NotActedOn[] = NOT_ACTED_ON[kind],
): Cause[] => causesBelow((object as { spec?: unknown }).spec, 'spec', list);

/** Requests in the status of a VM that nothing would act on, and that the stored object has not. */
export const findStatusNotActedOn = (vm: unknown, old: unknown): Cause[] => {
  const [now, before] = [vm, old].map((object) => (object as { status?: unknown } | null | undefined)?.status);
  return VM_STATUS_NOT_ACTED_ON.filter(({ path }) => {
    const [value, stored] = [now, before].map(
      (status) => (status as Record<string, unknown> | null | undefined)?.[path],
    );
    return differenceAt('VirtualMachine', `status.${path}`, value, stored) !== undefined;
  }).flatMap((entry) => causesBelow(now, 'status', [entry]));
};

/** Causes about what has to be removed or written anew anyway, or that exist because of it, say the same mistake again. */
export const withoutWhatIsRemoved = (causes: readonly Cause[], removed: readonly Cause[]): Cause[] =>
  causes.filter(
    ({ field, because = field }) =>
      !removed.some((other) => isWithin(field, other.field) || isWithin(because, other.field)),
  );
