import { Type } from 'typebox';

export const Machine = Type.Object({
  type: Type.Optional(Type.String()),
});
export type Machine = Type.Static<typeof Machine>;
