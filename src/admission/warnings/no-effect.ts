import { tryQuantity, type Quantity } from '../../api/quantity.js';
import { MULTUS } from '../../api/multus.js';
import { takesPodAddress } from '../../api/vmi/guest-network.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { annotatedTopology } from '../../api/virtlet/annotations.js';
import { vcpus } from '../../validators/cpu-memory/cpu.js';
import { instanceWarning, type InstanceSubject, type Remark, type Warning } from './warning.js';

/*
 * What is accepted, and does nothing as it stands. No rule has looked at a VMI yet when W-HOT-1 does, so nothing here
 * throws, whatever the quantities are.
 */

/** As defaulting will have it: a topology without sockets has one, and none at all one for each CPU asked for. */
const socketsOf = ({ metadata, spec }: InstanceSubject): number => {
  const { sockets = 0, cores = 0, threads = 0 } = spec.domain.cpu ?? {};
  if (sockets > 0) return sockets;
  if (cores > 0 || threads > 0) return 1;
  const { limits, requests } = spec.domain.resources ?? {};
  const wanted = tryQuantity(limits?.['cpu']) ?? tryQuantity(requests?.['cpu']);
  return vcpus(annotatedTopology(metadata)) || Math.max(1, Number(wanted?.value() ?? 1n));
};

const guestOf = ({ domain: { memory, resources } }: VirtualMachineInstanceSpec): Quantity | undefined =>
  [memory?.guest, resources?.requests?.['memory'], resources?.limits?.['memory']]
    .map((amount) => tryQuantity(amount))
    .find((amount) => amount?.isZero() === false);

const LATER = 'a VM does not grow while it runs yet; a change of';

const roomForSockets = (instance: InstanceSubject): Remark | undefined => {
  const maximum = instance.spec.domain.cpu?.maxSockets ?? 0;
  if (maximum <= socketsOf(instance)) return undefined;
  return {
    field: `${instance.path}.domain.cpu.maxSockets`,
    message: `no effect: ${LATER} sockets takes effect at its next start`,
  };
};

const roomForMemory = ({ path, spec }: InstanceSubject): Remark | undefined => {
  const maximum = tryQuantity(spec.domain.memory?.maxGuest);
  const guest = guestOf(spec);
  if (maximum === undefined || guest === undefined || maximum.compare(guest) <= 0) return undefined;
  return {
    field: `${path}.domain.memory.maxGuest`,
    message: `no effect: ${LATER} guest memory takes effect at its next start`,
  };
};

const unusedPool = ({ path, spec }: { path: string; spec: VirtualMachineInstanceSpec }): Remark | undefined => {
  const { ioThreads, ioThreadsPolicy } = spec.domain;
  if (ioThreads?.supplementalPoolThreadCount === undefined || ioThreadsPolicy === 'supplementalPool') return undefined;
  return {
    field: `${path}.domain.ioThreads.supplementalPoolThreadCount`,
    message: 'no effect without a pool; write domain.ioThreadsPolicy: supplementalPool, or remove it',
  };
};

const portsOfBridge = ({ path, spec }: { path: string; spec: VirtualMachineInstanceSpec }): Remark[] =>
  (spec.domain.devices.interfaces ?? []).flatMap((one, index) => {
    const { ports = [], portRanges = [] } = one;
    if (!takesPodAddress(one) || ports.length + portRanges.length === 0) return [];
    return [
      {
        field: `${path}.domain.devices.interfaces[${index}].${ports.length > 0 ? 'ports' : 'portRanges'}`,
        message: spec.networks?.some(({ name, multus }) => multus && name === one.name)
          ? 'no effect: on a network of multus the guest is reached on every port; remove them'
          : 'closes no others: with bridge the guest has the address of the pod, and every port of it; write masquerade: {} where these alone are to be reached',
      },
    ];
  });

/** By which a pod asks Multus; of a VM with networks of Multus virt-controller writes it. */
const replacedAnnotation = ({ metadata, metadataPath, spec }: InstanceSubject): Remark | undefined =>
  metadata.annotations?.[MULTUS.networks] === undefined || !spec.networks?.some(({ multus }) => multus)
    ? undefined
    : {
        field: `${metadataPath}.annotations[${MULTUS.networks}]`,
        message: 'no effect: networks[].multus takes its place; write its networks there, each with an interface',
      };

export const noEffectWarnings: readonly Warning[] = [
  {
    ...instanceWarning(
      'W-HOT-1',
      'apply',
      'docs/reference/domain.md §1.5',
      '`cpu.maxSockets` or `memory.maxGuest` leaves room for growing while the VM runs, which it does not do yet',
      (instance) => [roomForSockets(instance), roomForMemory(instance)].filter((remark) => remark !== undefined),
    ),
    // Rollout strategy LiveUpdate, the default, writes both into every VMI.
    ofWhatIsWritten: true,
  },
  instanceWarning(
    'W-IOT-1',
    'apply',
    'docs/reference/domain.md §2',
    'the size of a supplemental I/O pool under another `ioThreadsPolicy`',
    unusedPool,
  ),
  instanceWarning(
    'W-NET-2',
    'apply',
    'docs/reference/domain.md §1.17',
    '`ports` of an interface with `bridge`, whose guest has every port of the pod',
    portsOfBridge,
  ),
  instanceWarning(
    'W-NET-3',
    'apply',
    'none: the pod would have two devices of one name',
    'the annotation by which a pod asks Multus for networks, of a VM with networks of Multus',
    replacedAnnotation,
  ),
];
