import type { Cause } from '../api/cause.js';
import { childPath, indexPath } from '../api/cause.js';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import { INSTANCE_DEFAULTS } from '../mutators/instance.js';
import { defaultVirtualMachine, virtualMachineIdentity } from '../mutators/virtual-machine.js';
import { makePatch, type JsonPatchOperation } from './json-patch.js';
import { mutationContext } from './mutate.js';
import type { AdmissionContext } from './types.js';

/*
 * Defaulting that keeps account of itself, for `kubectl virt explain-admission` and the documentation. The webhook does
 * not come here: it applies the same steps to one copy and makes one patch.
 */

/** One value that a default wrote. */
export interface AppliedChange {
  /** True JSON path, as in causes. */
  readonly path: string;
  /** Absent: there was none. */
  readonly before?: unknown;
  /** Absent: it was removed. */
  readonly after?: unknown;
}

/** A default that changed something. */
export interface AppliedDefault {
  /** Its id in the table of defaults, such as `mut.disk-bus`. */
  readonly id: string;
  readonly summary: string;
  readonly changes: readonly AppliedChange[];
}

export interface DefaultTrace<T> {
  readonly object: T;
  /** In the order in which they were applied. */
  readonly applied: readonly AppliedDefault[];
  /** Why a default could not be applied. */
  readonly refused: readonly Cause[];
}

/** What stands for the values that the webhook generates for each object. */
export const PLACEHOLDERS = { newUuid: () => '<random UUID>', now: () => '<time of the request>' } as const;

const unescape = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

/** A JSON pointer as the path that causes use, and what `object` has there. */
const follow = (pointer: string, object: unknown): { path: string; value: unknown } => {
  let value = object;
  let path = '';
  for (const key of pointer.split('/').slice(1).map(unescape)) {
    path = Array.isArray(value) ? indexPath(path, Number(key)) : childPath(path, key);
    const holder = value as Readonly<Record<string, unknown>> | undefined;
    value = holder !== undefined && Object.hasOwn(holder, key) ? holder[key] : undefined;
  }
  return { path, value };
};

const changeOf = (operation: JsonPatchOperation, before: unknown): AppliedChange => {
  const { path, value } = follow(operation.path, before);
  return {
    path,
    ...(operation.op === 'add' ? {} : { before: value }),
    ...(operation.op === 'remove' ? {} : { after: operation.value }),
  };
};

/** What differs between two objects, as a patch would write it. */
export const changesBetween = (before: unknown, after: unknown): AppliedChange[] =>
  makePatch(before, after).map((operation) => changeOf(operation, before));

/** The defaults of a VMI that is created, step by step. The argument must fit the schema and is not changed. */
export const traceInstance = (
  vmi: VirtualMachineInstance,
  admission: AdmissionContext,
): DefaultTrace<VirtualMachineInstance> => {
  const { context, refused } = mutationContext(admission);
  const draft = structuredClone(vmi);
  const applied = INSTANCE_DEFAULTS.flatMap(({ id, summary, apply }) => {
    const before = structuredClone(draft);
    apply(draft, context);
    // A copy, because later steps change what this one wrote.
    const changes = structuredClone(changesBetween(before, draft));
    return changes.length === 0 ? [] : [{ id, summary, changes }];
  });
  return { object: draft, applied, refused };
};

/** What is stored in a VirtualMachine that is created. */
export const traceVirtualMachine = (vm: VirtualMachine, admission: AdmissionContext): DefaultTrace<VirtualMachine> => {
  const { context, refused } = mutationContext(admission);
  const object = defaultVirtualMachine(vm, context);
  const changes = changesBetween(vm, object);
  return { object, refused, applied: changes.length === 0 ? [] : [{ ...virtualMachineIdentity, changes }] };
};
