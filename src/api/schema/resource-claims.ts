import { Type } from 'typebox';

export const ClaimRequest = Type.Object({
  claimName: Type.Optional(Type.String()),
  requestName: Type.Optional(Type.String()),
});
export type ClaimRequest = Type.Static<typeof ClaimRequest>;
