import { INSTANCETYPE_SCHEMAS } from '../api/instancetype/instancetype-schema.js';
import { INSTANCETYPE_RESOURCES, type InstancetypeKind } from '../api/instancetype/instancetype-kinds.js';
import type { VirtualMachineInstancetypeSpec } from '../api/schema/instancetype.js';
import type { VirtualMachinePreferenceSpec } from '../api/schema/preference.js';
import { findingsBySchema } from '../api/schema-check/check-schema.js';
import { withoutNulls } from '../api/schema-check/without-nulls.js';
import type { StoredObject } from './source.js';

/**
 * Characters of a spec as JSON. The largest that anybody publishes has two thousand; each VM, each ControllerRevision
 * and the caches of two programs hold copies.
 */
export const MAX_SPEC = 64 * 1024;

export type SpecOf = {
  readonly instancetype: VirtualMachineInstancetypeSpec;
  readonly preference: VirtualMachinePreferenceSpec;
};

export type ReadSpec<Role extends keyof SpecOf> = { readonly spec: SpecOf[Role] } | { readonly broken: string };

const known = new WeakMap<object, ReadSpec<keyof SpecOf>>();

const read = (kind: InstancetypeKind, stored: StoredObject): ReadSpec<keyof SpecOf> => {
  const size = JSON.stringify(stored.spec ?? null).length;
  if (size > MAX_SPEC) return { broken: `its spec has ${size} characters; the most that are allowed is ${MAX_SPEC}` };
  // Metadata is the API server's, or in a revision of no account.
  const object = { spec: stored.spec };
  const schema = INSTANCETYPE_SCHEMAS[kind];
  const [first] = findingsBySchema(schema, object).causes;
  if (first !== undefined) return { broken: `${first.field} ${first.message.replace(`${first.field} `, '')}` };
  // A copy: what is made of it is written into.
  return { spec: (withoutNulls(schema, object) as { spec: SpecOf[keyof SpecOf] }).spec };
};

/** The spec of an object that somebody stored: of the shape of its kind, and no larger than {@link MAX_SPEC}. */
export const readSpec = <Role extends keyof SpecOf>(
  role: Role,
  kind: InstancetypeKind,
  stored: StoredObject,
): ReadSpec<Role> => {
  if (INSTANCETYPE_RESOURCES[kind].role !== role) return { broken: `${kind} is of another role` };
  const found = known.get(stored) ?? read(kind, stored);
  known.set(stored, found);
  return found as ReadSpec<Role>;
};
