import { Type } from 'typebox';
import { int32 } from './scalars.js';
import { ListMeta } from './meta.js';

export const VirtualMachineInstanceGuestOSInfo = Type.Object({
  id: Type.Optional(Type.String()),
  kernelRelease: Type.Optional(Type.String()),
  kernelVersion: Type.Optional(Type.String()),
  machine: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  prettyName: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  versionId: Type.Optional(Type.String()),
});
export type VirtualMachineInstanceGuestOSInfo = Type.Static<typeof VirtualMachineInstanceGuestOSInfo>;

export const VirtualMachineInstanceFileSystemDisk = Type.Object({
  busType: Type.String(),
  serial: Type.Optional(Type.String()),
});
export type VirtualMachineInstanceFileSystemDisk = Type.Static<typeof VirtualMachineInstanceFileSystemDisk>;

export const VirtualMachineInstanceFileSystem = Type.Object({
  disk: Type.Optional(Type.Array(VirtualMachineInstanceFileSystemDisk)),
  diskName: Type.String(),
  fileSystemType: Type.String(),
  mountPoint: Type.String(),
  totalBytes: int32(),
  usedBytes: int32(),
});
export type VirtualMachineInstanceFileSystem = Type.Static<typeof VirtualMachineInstanceFileSystem>;

export const VirtualMachineInstanceFileSystemInfo = Type.Object({
  disks: Type.Array(VirtualMachineInstanceFileSystem),
});
export type VirtualMachineInstanceFileSystemInfo = Type.Static<typeof VirtualMachineInstanceFileSystemInfo>;

export const GuestAgentCommandInfo = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  name: Type.String(),
});
export type GuestAgentCommandInfo = Type.Static<typeof GuestAgentCommandInfo>;

export const VirtualMachineInstanceGuestOSUser = Type.Object({
  domain: Type.Optional(Type.String()),
  loginTime: Type.Optional(Type.Number()),
  userName: Type.String(),
});
export type VirtualMachineInstanceGuestOSUser = Type.Static<typeof VirtualMachineInstanceGuestOSUser>;

export const VirtualMachineInstanceGuestAgentInfo = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  fsFreezeStatus: Type.Optional(Type.String()),
  fsInfo: Type.Optional(VirtualMachineInstanceFileSystemInfo),
  guestAgentVersion: Type.Optional(Type.String()),
  hostname: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  os: Type.Optional(VirtualMachineInstanceGuestOSInfo),
  supportedCommands: Type.Optional(Type.Array(GuestAgentCommandInfo, { 'x-kubernetes-list-type': 'atomic' })),
  timezone: Type.Optional(Type.String()),
  userList: Type.Optional(Type.Array(VirtualMachineInstanceGuestOSUser)),
});
export type VirtualMachineInstanceGuestAgentInfo = Type.Static<typeof VirtualMachineInstanceGuestAgentInfo>;

export const VirtualMachineInstanceFileSystemList = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  items: Type.Array(VirtualMachineInstanceFileSystem),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(ListMeta),
});
export type VirtualMachineInstanceFileSystemList = Type.Static<typeof VirtualMachineInstanceFileSystemList>;

export const VirtualMachineInstanceGuestOSUserList = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  items: Type.Array(VirtualMachineInstanceGuestOSUser),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(ListMeta),
});
export type VirtualMachineInstanceGuestOSUserList = Type.Static<typeof VirtualMachineInstanceGuestOSUserList>;
