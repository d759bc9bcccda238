import { Type } from 'typebox';
import { emptyObject, enumOf, int32, int64, mapOf } from './scalars.js';
import { AccessCredential } from './access-credential.js';
import { Clock } from './clock.js';
import {
  Affinity,
  ExecAction,
  HTTPGetAction,
  PodDNSConfig,
  TCPSocketAction,
  Toleration,
  TopologySpreadConstraint,
} from './core.js';
import { CPU, Memory, ResourceRequirements } from './cpu-memory.js';
import { Devices } from './devices.js';
import { DiskIOThreads } from './disks.js';
import { Features } from './features.js';
import { Chassis, Firmware } from './firmware.js';
import { LaunchSecurity } from './launch-security.js';
import { Machine } from './machine.js';
import { ObjectMeta } from './meta.js';
import { Network } from './networks.js';
import { UtilityVolume, Volume } from './volumes.js';

export const DomainSpec = Type.Object({
  chassis: Type.Optional(Chassis),
  clock: Type.Optional(Clock),
  cpu: Type.Optional(CPU),
  devices: Devices,
  features: Type.Optional(Features),
  firmware: Type.Optional(Firmware),
  ioThreads: Type.Optional(DiskIOThreads),
  ioThreadsPolicy: Type.Optional(Type.String()),
  launchSecurity: Type.Optional(LaunchSecurity),
  machine: Type.Optional(Machine),
  memory: Type.Optional(Memory),
  rebootPolicy: Type.Optional(enumOf(['Reboot', 'Terminate'])),
  resources: Type.Optional(ResourceRequirements),
});
export type DomainSpec = Type.Static<typeof DomainSpec>;

export const GuestAgentPing = emptyObject();
export type GuestAgentPing = Type.Static<typeof GuestAgentPing>;

export const Probe = Type.Object({
  exec: Type.Optional(ExecAction),
  failureThreshold: Type.Optional(int32()),
  guestAgentPing: Type.Optional(GuestAgentPing),
  httpGet: Type.Optional(HTTPGetAction),
  initialDelaySeconds: Type.Optional(int32()),
  periodSeconds: Type.Optional(int32()),
  successThreshold: Type.Optional(int32()),
  tcpSocket: Type.Optional(TCPSocketAction),
  timeoutSeconds: Type.Optional(int32()),
});
export type Probe = Type.Static<typeof Probe>;

export const VirtualMachineInstanceResourceClaim = Type.Object({
  name: Type.String(),
  resourceClaimName: Type.Optional(Type.String()),
  resourceClaimTemplateName: Type.Optional(Type.String()),
});
export type VirtualMachineInstanceResourceClaim = Type.Static<typeof VirtualMachineInstanceResourceClaim>;

export const VirtualMachineInstanceSpec = Type.Object({
  accessCredentials: Type.Optional(Type.Array(AccessCredential, { maxItems: 256, 'x-kubernetes-list-type': 'atomic' })),
  affinity: Type.Optional(Affinity),
  architecture: Type.Optional(Type.String()),
  dnsConfig: Type.Optional(PodDNSConfig),
  dnsPolicy: Type.Optional(enumOf(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'])),
  domain: DomainSpec,
  evictionStrategy: Type.Optional(Type.String()),
  hostname: Type.Optional(Type.String()),
  livenessProbe: Type.Optional(Probe),
  networks: Type.Optional(Type.Array(Network, { maxItems: 256 })),
  nodeSelector: Type.Optional(mapOf(Type.String())),
  priorityClassName: Type.Optional(Type.String()),
  readinessProbe: Type.Optional(Probe),
  resourceClaims: Type.Optional(
    Type.Array(VirtualMachineInstanceResourceClaim, {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  ),
  schedulerName: Type.Optional(Type.String()),
  serviceAccountName: Type.Optional(Type.String()),
  startStrategy: Type.Optional(Type.String()),
  subdomain: Type.Optional(Type.String()),
  terminationGracePeriodSeconds: Type.Optional(int64()),
  tolerations: Type.Optional(Type.Array(Toleration)),
  topologySpreadConstraints: Type.Optional(
    Type.Array(TopologySpreadConstraint, {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['topologyKey', 'whenUnsatisfiable'],
    }),
  ),
  utilityVolumes: Type.Optional(
    Type.Array(UtilityVolume, {
      maxItems: 256,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  ),
  volumes: Type.Optional(Type.Array(Volume, { maxItems: 256 })),
});
export type VirtualMachineInstanceSpec = Type.Static<typeof VirtualMachineInstanceSpec>;

export const VirtualMachineInstanceTemplateSpec = Type.Object({
  metadata: Type.Optional(ObjectMeta),
  spec: Type.Optional(VirtualMachineInstanceSpec),
});
export type VirtualMachineInstanceTemplateSpec = Type.Static<typeof VirtualMachineInstanceTemplateSpec>;
