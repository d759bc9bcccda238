import { Type, type TSchema } from 'typebox';
import { ObjectMeta } from './meta.js';
import { nullableTime } from './scalars.js';

/*
 * What every kind and every condition of Kubernetes has. Each call makes a schema of its own: descriptions know it by
 * name.
 */

/** The fields of a condition; a kind may have more. */
export const conditionFields = () => ({
  lastProbeTime: Type.Optional(nullableTime()),
  lastTransitionTime: Type.Optional(nullableTime()),
  message: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  status: Type.String(),
  type: Type.String(),
});

/** A condition of an object's status. */
export const condition = () => Type.Object(conditionFields());

/** A kind: what is wanted, and what is. */
export const resource = <Spec extends TSchema, Status extends TSchema>(spec: Spec, status: Status) =>
  Type.Object({
    apiVersion: Type.Optional(Type.String()),
    kind: Type.Optional(Type.String()),
    metadata: Type.Optional(ObjectMeta),
    spec,
    status: Type.Optional(status),
  });
