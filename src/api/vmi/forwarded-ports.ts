import type { Interface } from '../schema/networks.js';
import { takesPodAddress, usesTap } from './guest-network.js';

export interface PortRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Forwarded by passt when an interface lists no ports: the well-known ones and the usual alternatives for HTTP. Not
 * all, because passt opens a socket for each: all of them are 74,000 file descriptors and some 200 MiB of kernel memory
 * per VM, these are 3,000 and 8 MiB (measured). An interface that needs others lists them.
 */
export const USUAL_PORTS: readonly PortRange[] = [
  { start: 1, end: 1023 },
  { start: 8000, end: 8499 },
];

/** What is forwarded of one protocol, as an interface has it written. */
export interface ForwardedRange extends PortRange {
  readonly protocol: string;
}

/**
 * The ports that alone are forwarded, as an interface lists them; empty: all by a tap, and by passt the usual ones of
 * TCP and UDP. The pod's own address is the guest's with every port.
 */
export const listedPorts = (spec: Interface): readonly ForwardedRange[] => {
  if (takesPodAddress(spec)) return [];
  const { ports = [], portRanges = [] } = spec;
  return [
    ...ports.map(({ port, protocol }) => ({ protocol: protocol || 'TCP', start: port, end: port })),
    ...portRanges.map(({ protocol, start, end }) => ({ protocol: protocol || 'TCP', start, end })),
  ];
};

/** Whether what reaches the pod at this port reaches the guest. */
export const isForwarded = (one: Interface, protocol: string, port: number): boolean => {
  const listed = listedPorts(one);
  if (listed.length === 0)
    return usesTap(one) || (protocol !== 'SCTP' && USUAL_PORTS.some(({ start, end }) => port >= start && port <= end));
  return listed.some((range) => range.protocol === protocol && port >= range.start && port <= range.end);
};
