import type { Probe } from '../../api/schema/virtualmachineinstance.js';
import type { Interface } from '../../api/schema/networks.js';
import { isForwarded } from '../../api/vmi/forwarded-ports.js';
import { instanceWarning, type InstanceSubject, type Remark, type Warning } from './warning.js';

/* Probes that cannot succeed as they stand. */

/** The interface on the pod network: kubelet asks the pod's address. */
const onPodNetwork = ({ spec }: InstanceSubject): Interface | undefined => {
  const network = spec.networks?.find(({ pod }) => pod !== undefined)?.name;
  return spec.domain.devices.interfaces?.find(({ name }) => name === network);
};

/** A name is that of a port that some interface lists: the pod's container has it from there. */
const numberOf = (port: string | number, { spec }: InstanceSubject): number | undefined =>
  typeof port === 'number'
    ? port
    : (spec.domain.devices.interfaces ?? []).flatMap(({ ports = [] }) => ports).find(({ name }) => name === port)?.port;

const remarkOn = (probe: Probe, name: string, subject: InstanceSubject): Remark[] => {
  const handler = (['httpGet', 'tcpSocket'] as const).find((one) => probe[one] !== undefined);
  const port = handler && probe[handler]?.port;
  const one = onPodNetwork(subject);
  if (port === undefined || one === undefined) return [];
  const field = `${subject.path}.${name}.${handler ?? ''}.port`;
  const number = numberOf(port, subject);
  if (number === undefined)
    return [
      {
        field,
        message: `${JSON.stringify(port)} is the name of no port of an interface, so that the probe never succeeds: write its number, or list it in ports`,
      },
    ];
  return isForwarded(one, 'TCP', number)
    ? []
    : [
        {
          field,
          message: `${number} does not reach the guest, so that the probe never succeeds: list it in ports of interface ${JSON.stringify(one.name)}`,
        },
      ];
};

export const probeWarnings: readonly Warning[] = [
  instanceWarning(
    'W-PRB-1',
    'apply',
    'docs/reference/domain.md §1.17',
    'a probe by the network asks at a port that is not forwarded to the guest',
    (subject) =>
      (['readinessProbe', 'livenessProbe'] as const).flatMap((name) => {
        const probe = subject.spec[name];
        return probe === undefined ? [] : remarkOn(probe, name, subject);
      }),
  ),
];
