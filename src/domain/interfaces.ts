import { createHash } from 'node:crypto';
import { canonicalMac } from '../api/mac-address.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { Interface } from '../api/schema/networks.js';
import { listedPorts, USUAL_PORTS, type PortRange } from '../api/vmi/forwarded-ports.js';
import { attachedNetworks, wireNames } from '../api/vmi/attached-networks.js';
import { queuesOf, usesTap } from '../api/vmi/guest-network.js';
import { bindingPluginProblem } from '../api/vmi/binding-plugins.js';
import { interfaceAlias } from '../api/vmi/device-alias.js';
import { alias, pciAddress } from './address.js';
import type { DomainContext } from './domain-input.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';
import { cardPciKind } from '../api/vmi/pci-kind.js';
import { virtioModel } from './virtio.js';

/** What no binding of ours can do. Bridge, masquerade, passtBinding and none at all mean the pod network. */
const REFUSED_BINDINGS = ['sriov', 'slirp', 'macvtap', 'passt'] as const;

/**
 * The address of an interface that names none: the same at every start of the same VM, so that a guest which tied its
 * network settings to it finds its card again. Locally administered; nobody but passt is on the same wire.
 */
const stableMac = (vmi: VirtualMachineInstance, name: string): string => {
  const { namespace = '', name: vm = '' } = vmi.metadata ?? {};
  const hash = createHash('sha256').update(`${namespace}/${vm}/${name}`).digest();
  return ['02', ...[...hash.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
};

/**
 * The address of a card, as libvirt reads it, whatever form it is written in.
 * @throws DomainError for one that is none
 */
export const macAddress = (
  vmi: VirtualMachineInstance,
  { macAddress: written, name }: Interface,
  field = 'spec.domain.devices.interfaces',
): string => {
  if (!written) return stableMac(vmi, name);
  const address = canonicalMac(written);
  if (address !== undefined) return address;
  const problem = `${JSON.stringify(written)} is no MAC address; write six bytes, such as "02:00:5e:10:00:01"`;
  throw new DomainError('InvalidValue', problem, `${field}.macAddress`);
};

/** @throws DomainError for what no binding of ours can do on the network of the interface */
const checkNetwork = (vmi: VirtualMachineInstance, spec: Interface, { config }: DomainContext, field: string): void => {
  const network = (vmi.spec.networks ?? []).find(({ name }) => name === spec.name);
  if (network === undefined) {
    throw new DomainError(
      'NotFound',
      `no network is named ${JSON.stringify(spec.name)}; add one to spec.networks`,
      field,
    );
  }
  const refused = REFUSED_BINDINGS.find((binding) => spec[binding] !== undefined);
  if (refused !== undefined || network.resourceClaim !== undefined)
    throw new DomainError(
      'NotSupported',
      `${refused ?? 'resourceClaim'} is not supported yet; use masquerade on the pod network`,
      field,
    );
  const plugin = spec.binding && bindingPluginProblem(spec.binding.name, config.network.binding, network);
  if (plugin !== undefined) throw new DomainError('NotSupported', plugin, field);
  if (network.multus !== undefined && spec.bridge === undefined && spec.binding === undefined)
    throw new DomainError('NotSupported', 'a network of multus needs "bridge: {}"', field);
};

const LAST_PORT = 65_535;

/** What is between the ranges, which are in order and do not touch. */
const complement = (ranges: readonly PortRange[]): PortRange[] => {
  const starts = [1, ...ranges.map(({ end }) => end + 1)];
  const ends = [...ranges.map(({ start }) => start - 1), LAST_PORT];
  return starts
    .map((start, index) => ({ start, end: ends[index] ?? LAST_PORT }))
    .filter(({ start, end }) => start <= end);
};

/**
 * Said by what is left out: then passt skips a port that it may not open, such as those below 1024 where the pod has no
 * right to them, instead of failing the start.
 */
const usualPorts = (): XmlElement[] =>
  ['tcp', 'udp'].map((proto) =>
    element(
      'portForward',
      { proto },
      complement(USUAL_PORTS).map(({ start, end }) => element('range', { start, end, exclude: 'yes' })),
    ),
  );

/**
 * The ports passt takes from the pod's address to the guest: exactly the ones listed, or the usual ones. Without the
 * element passt forwards nothing, and no Service could ever reach the VM.
 */
const portForwards = (spec: Interface): XmlElement[] => {
  const ranges = listedPorts(spec);
  if (ranges.length === 0) return usualPorts();
  return ['tcp', 'udp'].flatMap((proto) => {
    const own = ranges.filter(({ protocol }) => protocol.toLowerCase() === proto);
    if (own.length === 0) return [];
    return [
      element(
        'portForward',
        { proto },
        own.map(({ start, end }) => element('range', { start, end: end === start ? undefined : end })),
      ),
    ];
  });
};

interface Backend {
  readonly type: 'ethernet' | 'user';
  readonly parts: {
    readonly target?: XmlElement;
    readonly driver?: XmlElement | undefined;
    readonly mtu?: XmlElement | undefined;
    readonly ports?: XmlElement[];
    readonly backend?: XmlElement;
  };
}

interface Tap {
  readonly device: string;
  readonly mtu?: number;
}

const onTap = (vmi: VirtualMachineInstance, spec: Interface, { device, mtu }: Tap): Backend => {
  const queues = queuesOf(vmi, spec);
  return {
    type: 'ethernet',
    parts: {
      target: element('target', { dev: device, managed: 'no' }),
      driver: queues > 1 ? element('driver', { queues }) : undefined,
      mtu: mtu === undefined ? undefined : element('mtu', { size: mtu }),
    },
  };
};

/** How the card's packets reach the network that the pod has. */
const backend = (
  vmi: VirtualMachineInstance,
  spec: Interface,
  { network: { passt, tap } }: DomainContext,
  own: Tap | undefined,
): Backend => {
  if (own !== undefined) return onTap(vmi, spec, own);
  if (tap !== undefined && usesTap(spec)) return onTap(vmi, spec, tap);
  if (!passt) return { type: 'user', parts: {} };
  return { type: 'user', parts: { ports: portForwards(spec), backend: element('backend', { type: 'passt' }) } };
};

/** The tap of an interface on a network that Multus attaches. @throws DomainError where nobody does */
const attachedTap = (
  vmi: VirtualMachineInstance,
  { name }: Interface,
  { network: { attached = {} } }: DomainContext,
  field: string,
): (Tap & { readonly mac?: string }) | undefined => {
  const found = attachedNetworks(vmi).find(({ card }) => card.name === name);
  if (found === undefined) return undefined;
  if (attached === 'none')
    throw new DomainError('NotSupported', 'only a cluster with Multus attaches this network; remove it here', field);
  return { device: wireNames(found.device).tap, ...(Object.hasOwn(attached, name) ? attached[name] : {}) };
};

const card = (vmi: VirtualMachineInstance, spec: Interface, index: number, context: DomainContext): XmlElement => {
  const field = `spec.domain.devices.interfaces[${index}]`;
  checkNetwork(vmi, spec, context, field);
  const virtio = spec.model === undefined || spec.model === '' || spec.model === 'virtio';
  const own = attachedTap(vmi, spec, context, field);
  const { type, parts } = backend(vmi, spec, context, own);
  const isDisk = (vmi.spec.domain.devices.disks ?? []).some(({ name }) => name === spec.name);
  return element(
    'interface',
    { type },
    element('mac', { address: own?.mac ?? macAddress(vmi, spec, field) }),
    parts.ports,
    parts.target,
    element('model', { type: virtio ? virtioModel(vmi) : spec.model }),
    parts.driver,
    parts.backend,
    parts.mtu,
    spec.state === 'down' ? element('link', { state: 'down' }) : undefined,
    spec.bootOrder === undefined ? undefined : element('boot', { order: spec.bootOrder }),
    // A card that is not booted from need not carry a boot ROM: faster firmware, less memory.
    spec.bootOrder === undefined ? element('rom', { enabled: 'no' }) : undefined,
    spec.acpiIndex !== undefined && spec.acpiIndex > 0 ? element('acpi', { index: spec.acpiIndex }) : undefined,
    alias(interfaceAlias(spec.name, isDisk), `${field}.name`),
    pciAddress(spec.pciAddress, cardPciKind(vmi.spec.domain, spec), `${field}.pciAddress`),
  );
};

/** The network cards, in the order of the VMI (docs/reference/domain.md §1.17). */
export const interfaces = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement[] =>
  (vmi.spec.domain.devices.interfaces ?? []).flatMap((spec, index) =>
    spec.state === 'absent' ? [] : [card(vmi, spec, index, context)],
  );
