import { canonicalMac, macProblem } from '../../api/mac-address.js';
import { PCI_ADDRESS } from '../../api/pci-address.js';
import { bindingPluginProblem } from '../../api/vmi/binding-plugins.js';
import { findNamed, positionOf } from '../rule/lookup.js';
import { interfaceRule } from './network-rules.js';
import { because, duplicate, invalid, NOTHING, notSupported } from '../rule/finding.js';
import { earlierTwins } from '../rule/earlier-duplicates.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule } from '../rule/rule.js';
import { oneOf, remedyAmong, show } from '../rule/wording.js';
import { interfaceMember } from './network-rules.js';

const INTERFACE_NAME = /^[A-Za-z0-9-_]+$/;

/** The launcher's own in-pod bridge has it (KubeVirt's masquerade binding). */
const RESERVED_MAC = '02:00:00:00:00:00';
const MODELS = ['virtio', 'e1000', 'e1000e', 'igb', 'ne2k_pci', 'pcnet', 'rtl8139'];
/** QEMU's; Linux calls such a card `enoN`. */
const MAX_ACPI_INDEX = 16_383;
/** How an interface is connected; a right one has one of them. */
export const BINDINGS = ['bridge', 'masquerade', 'sriov', 'passtBinding', 'binding'] as const;
/** Bindings that no longer exist, and the gates that once switched them on, which have no effect any more. */
const GONE = {
  slirp: { gate: undefined, source: '§6.9 (net.slirp-gone)' },
  passt: { gate: 'Passt', source: '§6.9 (net.passt-gone; §7.1 gate.discontinued)' },
  macvtap: { gate: 'Macvtap', source: '§6.9 (net.macvtap-gone; §7.1 gate.discontinued)' },
} as const;
const GONE_NAMES = ['slirp', 'passt', 'macvtap'] as const;

const goneRule = (name: keyof typeof GONE) =>
  interfaceMember(name)({
    id: `if.${name}-gone`,
    source: GONE[name].source,
    summary: `the binding \`${name}\`, which no longer exists`,
    check: (_value, path, { config }) => {
      const { gate } = GONE[name];
      const listed = gate !== undefined && config.featureGates.includes(gate);
      return [
        invalid(
          path,
          `the binding ${name} no longer exists${listed ? ` and the feature gate ${gate} does nothing any more` : ''}: write "masquerade: {}" or "passtBinding: {}"`,
        ),
      ];
    },
  });

export const interfaceRules = [
  ...GONE_NAMES.map(goneRule),
  interfaceRule({
    id: 'if.one-binding',
    summary: 'an interface with no binding, or with several',
    check: (one, path) => {
      const bindings = BINDINGS.filter((binding) => one[binding]);
      // A discontinued binding is reported by itself.
      if (bindings.length === 1 || (bindings.length === 0 && GONE_NAMES.some((name) => one[name]))) return [];
      return [
        invalid(
          path,
          bindings.length === 0
            ? `interface ${show(one.name)} has no binding: write "masquerade: {}" for the pod network`
            : `interface ${show(one.name)} has ${bindings.join(' and ')}: keep one`,
        ),
      ];
    },
  }),
  interfaceRule({
    id: 'if.pod-binding',
    field: '.name',
    summary: '`masquerade` or `passtBinding` on a network other than the pod network',
    check: (one, path, { path: base, spec }, network) => {
      const binding = one.masquerade ? 'masquerade' : one.passtBinding ? 'passtBinding' : undefined;
      // A network of no kind is reported by net.source, one of a resource claim by net.dra-binding.
      if (!binding || !network?.multus || network.pod) return [];
      return because(`${base}.networks[${spec.networks?.indexOf(network) ?? 0}].multus`, [
        invalid(
          `${path}.name`,
          `${binding} works on the pod network only, and ${show(one.name)} is another: write "bridge: {}", or make it "pod: {}"`,
        ),
      ]);
    },
  }),
  interfaceRule({
    id: 'if.binding-plugin',
    field: '.binding',
    source: 'docs/reference/admission.md §6.9, and what is bound here',
    summary: 'a binding plugin that is not registered, or that needs more than a tap in a bridge',
    check: ({ binding }, path, { config }, network) => {
      // A network of a resource claim is refused as such.
      const problem =
        binding && !network?.resourceClaim && bindingPluginProblem(binding.name, config.network.binding, network);
      return problem ? [invalid(`${path}.binding`, problem)] : [];
    },
  }),
  interfaceRule({
    id: 'if.masq-mac',
    field: '.macAddress',
    summary: 'the MAC address that the pod itself uses, with `masquerade`',
    check: (one, path) =>
      one.masquerade && one.macAddress && canonicalMac(one.macAddress) === RESERVED_MAC
        ? [
            invalid(
              `${path}.macAddress`,
              `${show(RESERVED_MAC)} belongs to the pod's own bridge: write another, or none`,
            ),
          ]
        : [],
  }),
  interfaceRule({
    id: 'if.bridge-pod',
    field: '.bridge',
    summary: '`bridge` on the pod network, where the cluster does not permit it',
    check: (one, path, { config }, network) =>
      one.bridge && network?.pod && !config.network.permitBridge
        ? [invalid(`${path}.bridge`, 'this cluster does not permit bridge on the pod network: write "masquerade: {}"')]
        : [],
  }),
  interfaceRule({
    id: 'if.passt-gate',
    field: '.passtBinding',
    summary: '`passtBinding` while its feature gate is off',
    check: (one, path, { config }) =>
      one.passtBinding && !config.hasFeatureGate('PasstBinding')
        ? [
            invalid(
              `${path}.passtBinding`,
              'needs the feature gate PasstBinding, which is off: write "masquerade: {}", or enable the gate in the KubeVirt object',
            ),
          ]
        : [],
  }),
  interfaceRule({
    id: 'if.name-unique',
    field: '.name',
    summary: 'two interfaces of the same name',
    check: ({ name }, path, subject, _network, index) => {
      const first = positionOf(subject, subject.spec.domain.devices.interfaces, name);
      return first === index
        ? []
        : [
            duplicate(
              `${path}.name`,
              `interfaces[${first}] is connected to ${show(name)} already: give each interface its own network`,
            ),
          ];
    },
  }),
  interfaceRule({
    id: 'if.no-network',
    field: '.name',
    summary: 'an interface whose name is not that of a network',
    check: (one, path, subject, network) => {
      const { name } = one;
      const { networks = [], domain } = subject.spec;
      // A name that no interface may have, or that another one has, is refused by if.name-format and if.name-unique.
      if (network || !INTERFACE_NAME.test(name)) return [];
      if (findNamed(subject, domain.devices.interfaces, name) !== one) return [];
      const names = networks.map((other) => other.name);
      const left = names.filter((other) => findNamed(subject, domain.devices.interfaces, other) === undefined);
      const remedy =
        names.length === 0
          ? `: write networks: [{name: ${show(name)}, pod: {}}] beside domain`
          : remedyAmong(name, names, 'networks', left);
      return [invalid(`${path}.name`, `no network is named ${show(name)}${remedy}`)];
    },
  }),
  interfaceRule({
    id: 'if.name-format',
    field: '.name',
    summary: 'an interface name with characters other than letters, digits, `-` and `_`',
    check: ({ name }, path) =>
      INTERFACE_NAME.test(name)
        ? []
        : [
            invalid(
              `${path}.name`,
              `${show(name)} cannot be the name of an interface: write letters, digits, - and _ only`,
            ),
          ],
  }),
  interfaceRule({
    id: 'if.model',
    field: '.model',
    summary: 'a network card that VMs cannot have',
    check: ({ model }, path) =>
      !model || MODELS.includes(model)
        ? []
        : [notSupported(`${path}.model`, `${show(model)} is not a network card of VMs: ${oneOf(model, MODELS)}`)],
  }),
  interfaceRule({
    id: 'if.mac',
    field: '.macAddress',
    summary: 'a malformed MAC address, or one that no card has: all zeros, that of a group or of all cards',
    check: ({ macAddress }, path) => {
      const problem = macAddress ? macProblem(macAddress) : undefined;
      return problem === undefined ? [] : [invalid(`${path}.macAddress`, problem)];
    },
  }),
  instanceRule({
    id: 'if.acpi-index',
    field: '$.domain.devices.interfaces[].acpiIndex',
    source: 'none: libvirt or QEMU would refuse it',
    summary: `an ACPI index below 0 or above ${MAX_ACPI_INDEX}, or that two interfaces have`,
    check: ({ path, spec }) => {
      const { interfaces } = spec.domain.devices;
      if (interfaces?.some(({ acpiIndex }) => acpiIndex) !== true) return NOTHING;
      const twins = earlierTwins(interfaces, ({ acpiIndex }) => acpiIndex || undefined);
      return inEach(interfaces, `${path}.domain.devices.interfaces`, ({ acpiIndex = 0 }, at, index) => {
        const field = `${at}.acpiIndex`;
        if (acpiIndex < 0 || acpiIndex > MAX_ACPI_INDEX)
          return [invalid(field, `${acpiIndex} is no index of a card: write 1 to ${MAX_ACPI_INDEX}, or nothing`)];
        const twin = twins[index];
        return twin === undefined
          ? NOTHING
          : [duplicate(field, `${acpiIndex} is the index of interfaces[${twin}] too: give each its own, or none`)];
      });
    },
  }),
  instanceRule({
    id: 'if.mac-unique',
    field: '$.domain.devices.interfaces[].macAddress',
    source: 'none: the guest could not tell its cards apart',
    summary: 'a MAC address that two interfaces have, however it is written',
    check: ({ path, spec }) => {
      const { interfaces } = spec.domain.devices;
      if (interfaces === undefined || interfaces.length < 2) return NOTHING;
      const twins = earlierTwins(interfaces, ({ macAddress }) => (macAddress ? canonicalMac(macAddress) : undefined));
      return inEach(interfaces, `${path}.domain.devices.interfaces`, ({ macAddress }, at, index) =>
        twins[index] === undefined
          ? NOTHING
          : [
              duplicate(
                `${at}.macAddress`,
                `${show(macAddress)} is the address of interfaces[${twins[index]}] too: give each its own, or none`,
              ),
            ],
      );
    },
  }),
  interfaceRule({
    id: 'if.pci',
    field: '.pciAddress',
    summary: 'a malformed PCI address',
    check: ({ pciAddress }, path) =>
      !pciAddress || PCI_ADDRESS.test(pciAddress)
        ? []
        : [invalid(`${path}.pciAddress`, `${show(pciAddress)} is not a PCI address: write one such as "0000:81:00.0"`)],
  }),
];
