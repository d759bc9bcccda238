import { Type } from 'typebox';
import { emptyObject } from './scalars.js';

export const SEVAttestation = emptyObject();
export type SEVAttestation = Type.Static<typeof SEVAttestation>;

export const SEVPolicy = Type.Object({
  encryptedState: Type.Optional(Type.Boolean()),
});
export type SEVPolicy = Type.Static<typeof SEVPolicy>;

export const SEV = Type.Object({
  attestation: Type.Optional(SEVAttestation),
  dhCert: Type.Optional(Type.String()),
  policy: Type.Optional(SEVPolicy),
  session: Type.Optional(Type.String()),
});
export type SEV = Type.Static<typeof SEV>;

export const SEVSNP = emptyObject();
export type SEVSNP = Type.Static<typeof SEVSNP>;

export const TDX = emptyObject();
export type TDX = Type.Static<typeof TDX>;

export const LaunchSecurity = Type.Object({
  sev: Type.Optional(SEV),
  snp: Type.Optional(SEVSNP),
  tdx: Type.Optional(TDX),
});
export type LaunchSecurity = Type.Static<typeof LaunchSecurity>;
