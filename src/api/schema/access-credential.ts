import { Type } from 'typebox';
import { emptyObject } from './scalars.js';

export const ConfigDriveSSHPublicKeyAccessCredentialPropagation = emptyObject();
export type ConfigDriveSSHPublicKeyAccessCredentialPropagation = Type.Static<
  typeof ConfigDriveSSHPublicKeyAccessCredentialPropagation
>;

export const NoCloudSSHPublicKeyAccessCredentialPropagation = emptyObject();
export type NoCloudSSHPublicKeyAccessCredentialPropagation = Type.Static<
  typeof NoCloudSSHPublicKeyAccessCredentialPropagation
>;

export const QemuGuestAgentSSHPublicKeyAccessCredentialPropagation = Type.Object({
  users: Type.Array(Type.String(), { 'x-kubernetes-list-type': 'set' }),
});
export type QemuGuestAgentSSHPublicKeyAccessCredentialPropagation = Type.Static<
  typeof QemuGuestAgentSSHPublicKeyAccessCredentialPropagation
>;

export const SSHPublicKeyAccessCredentialPropagationMethod = Type.Object({
  configDrive: Type.Optional(ConfigDriveSSHPublicKeyAccessCredentialPropagation),
  noCloud: Type.Optional(NoCloudSSHPublicKeyAccessCredentialPropagation),
  qemuGuestAgent: Type.Optional(QemuGuestAgentSSHPublicKeyAccessCredentialPropagation),
});
export type SSHPublicKeyAccessCredentialPropagationMethod = Type.Static<
  typeof SSHPublicKeyAccessCredentialPropagationMethod
>;

export const AccessCredentialSecretSource = Type.Object({
  secretName: Type.String(),
});
export type AccessCredentialSecretSource = Type.Static<typeof AccessCredentialSecretSource>;

export const SSHPublicKeyAccessCredentialSource = Type.Object({
  secret: Type.Optional(AccessCredentialSecretSource),
});
export type SSHPublicKeyAccessCredentialSource = Type.Static<typeof SSHPublicKeyAccessCredentialSource>;

export const SSHPublicKeyAccessCredential = Type.Object({
  propagationMethod: SSHPublicKeyAccessCredentialPropagationMethod,
  source: SSHPublicKeyAccessCredentialSource,
});
export type SSHPublicKeyAccessCredential = Type.Static<typeof SSHPublicKeyAccessCredential>;

export const QemuGuestAgentUserPasswordAccessCredentialPropagation = emptyObject();
export type QemuGuestAgentUserPasswordAccessCredentialPropagation = Type.Static<
  typeof QemuGuestAgentUserPasswordAccessCredentialPropagation
>;

export const UserPasswordAccessCredentialPropagationMethod = Type.Object({
  qemuGuestAgent: Type.Optional(QemuGuestAgentUserPasswordAccessCredentialPropagation),
});
export type UserPasswordAccessCredentialPropagationMethod = Type.Static<
  typeof UserPasswordAccessCredentialPropagationMethod
>;

export const UserPasswordAccessCredentialSource = Type.Object({
  secret: Type.Optional(AccessCredentialSecretSource),
});
export type UserPasswordAccessCredentialSource = Type.Static<typeof UserPasswordAccessCredentialSource>;

export const UserPasswordAccessCredential = Type.Object({
  propagationMethod: UserPasswordAccessCredentialPropagationMethod,
  source: UserPasswordAccessCredentialSource,
});
export type UserPasswordAccessCredential = Type.Static<typeof UserPasswordAccessCredential>;

export const AccessCredential = Type.Object({
  sshPublicKey: Type.Optional(SSHPublicKeyAccessCredential),
  userPassword: Type.Optional(UserPasswordAccessCredential),
});
export type AccessCredential = Type.Static<typeof AccessCredential>;
