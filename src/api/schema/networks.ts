import { Type } from 'typebox';
import { emptyObject, int32 } from './scalars.js';
import { ClaimRequest } from './resource-claims.js';

export const PluginBinding = Type.Object({
  name: Type.String(),
});
export type PluginBinding = Type.Static<typeof PluginBinding>;

export const InterfaceBridge = emptyObject();
export type InterfaceBridge = Type.Static<typeof InterfaceBridge>;

export const DHCPPrivateOptions = Type.Object({
  option: int32(),
  value: Type.String(),
});
export type DHCPPrivateOptions = Type.Static<typeof DHCPPrivateOptions>;

export const DHCPOptions = Type.Object({
  bootFileName: Type.Optional(Type.String()),
  ntpServers: Type.Optional(Type.Array(Type.String())),
  privateOptions: Type.Optional(Type.Array(DHCPPrivateOptions)),
  tftpServerName: Type.Optional(Type.String()),
});
export type DHCPOptions = Type.Static<typeof DHCPOptions>;

export const DeprecatedInterfaceMacvtap = emptyObject();
export type DeprecatedInterfaceMacvtap = Type.Static<typeof DeprecatedInterfaceMacvtap>;

export const InterfaceMasquerade = emptyObject();
export type InterfaceMasquerade = Type.Static<typeof InterfaceMasquerade>;

export const DeprecatedInterfacePasst = emptyObject();
export type DeprecatedInterfacePasst = Type.Static<typeof DeprecatedInterfacePasst>;

export const InterfacePasstBinding = emptyObject();
export type InterfacePasstBinding = Type.Static<typeof InterfacePasstBinding>;

export const PortRange = Type.Object({
  end: int32(),
  protocol: Type.String(),
  start: int32(),
});
export type PortRange = Type.Static<typeof PortRange>;

export const Port = Type.Object({
  name: Type.Optional(Type.String()),
  port: int32(),
  protocol: Type.Optional(Type.String()),
});
export type Port = Type.Static<typeof Port>;

export const DeprecatedInterfaceSlirp = emptyObject();
export type DeprecatedInterfaceSlirp = Type.Static<typeof DeprecatedInterfaceSlirp>;

export const InterfaceSRIOV = emptyObject();
export type InterfaceSRIOV = Type.Static<typeof InterfaceSRIOV>;

export const Interface = Type.Object({
  acpiIndex: Type.Optional(int32()),
  binding: Type.Optional(PluginBinding),
  bootOrder: Type.Optional(int32()),
  bridge: Type.Optional(InterfaceBridge),
  dhcpOptions: Type.Optional(DHCPOptions),
  macAddress: Type.Optional(Type.String()),
  macvtap: Type.Optional(DeprecatedInterfaceMacvtap),
  masquerade: Type.Optional(InterfaceMasquerade),
  model: Type.Optional(Type.String()),
  name: Type.String(),
  passt: Type.Optional(DeprecatedInterfacePasst),
  passtBinding: Type.Optional(InterfacePasstBinding),
  pciAddress: Type.Optional(Type.String()),
  portRanges: Type.Optional(Type.Array(PortRange, { 'x-kubernetes-list-type': 'atomic' })),
  ports: Type.Optional(Type.Array(Port)),
  slirp: Type.Optional(DeprecatedInterfaceSlirp),
  sriov: Type.Optional(InterfaceSRIOV),
  state: Type.Optional(Type.String()),
  tag: Type.Optional(Type.String()),
});
export type Interface = Type.Static<typeof Interface>;

export const MultusNetwork = Type.Object({
  default: Type.Optional(Type.Boolean()),
  networkName: Type.String(),
});
export type MultusNetwork = Type.Static<typeof MultusNetwork>;

export const PodNetwork = Type.Object({
  vmIPv6NetworkCIDR: Type.Optional(Type.String()),
  vmNetworkCIDR: Type.Optional(Type.String()),
});
export type PodNetwork = Type.Static<typeof PodNetwork>;

export const Network = Type.Object({
  multus: Type.Optional(MultusNetwork),
  name: Type.String(),
  pod: Type.Optional(PodNetwork),
  resourceClaim: Type.Optional(ClaimRequest),
});
export type Network = Type.Static<typeof Network>;
