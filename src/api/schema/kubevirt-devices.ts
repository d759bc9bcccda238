import { Type } from 'typebox';
import { mapOf } from './scalars.js';

export const NodeMediatedDeviceTypesConfig = Type.Object({
  mediatedDeviceTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  mediatedDevicesTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  nodeSelector: mapOf(Type.String()),
});
export type NodeMediatedDeviceTypesConfig = Type.Static<typeof NodeMediatedDeviceTypesConfig>;

export const MediatedDevicesConfiguration = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  mediatedDeviceTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  mediatedDevicesTypes: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  nodeMediatedDeviceTypes: Type.Optional(
    Type.Array(NodeMediatedDeviceTypesConfig, { 'x-kubernetes-list-type': 'atomic' }),
  ),
});
export type MediatedDevicesConfiguration = Type.Static<typeof MediatedDevicesConfiguration>;

export const MediatedHostDevice = Type.Object({
  externalResourceProvider: Type.Optional(Type.Boolean()),
  mdevNameSelector: Type.String(),
  resourceName: Type.String(),
});
export type MediatedHostDevice = Type.Static<typeof MediatedHostDevice>;

export const PciHostDevice = Type.Object({
  externalResourceProvider: Type.Optional(Type.Boolean()),
  pciVendorSelector: Type.String(),
  resourceName: Type.String(),
});
export type PciHostDevice = Type.Static<typeof PciHostDevice>;

export const USBSelector = Type.Object({
  product: Type.String(),
  vendor: Type.String(),
});
export type USBSelector = Type.Static<typeof USBSelector>;

export const USBHostDevice = Type.Object({
  externalResourceProvider: Type.Optional(Type.Boolean()),
  resourceName: Type.String(),
  selectors: Type.Optional(Type.Array(USBSelector, { 'x-kubernetes-list-type': 'atomic' })),
});
export type USBHostDevice = Type.Static<typeof USBHostDevice>;

export const PermittedHostDevices = Type.Object({
  mediatedDevices: Type.Optional(Type.Array(MediatedHostDevice, { 'x-kubernetes-list-type': 'atomic' })),
  pciHostDevices: Type.Optional(Type.Array(PciHostDevice, { 'x-kubernetes-list-type': 'atomic' })),
  usb: Type.Optional(Type.Array(USBHostDevice, { 'x-kubernetes-list-type': 'atomic' })),
});
export type PermittedHostDevices = Type.Static<typeof PermittedHostDevices>;
