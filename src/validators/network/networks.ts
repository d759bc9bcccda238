import type { Network } from '../../api/schema/networks.js';
import { PCI_ADDRESS } from '../../api/vmi/pci-address.js';
import { allNamedIn, findNamed, hasNamed, positionOf } from '../rule/lookup.js';
import { interfaceFieldRule, interfaceRule, networkRule } from './network-rule.js';
import {
  because,
  covering,
  duplicate,
  instanceRule,
  invalid,
  notSupported,
  oneOf,
  remedyAmong,
  required,
  show,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';

const INTERFACE_NAME = /^[A-Za-z0-9-_]+$/;
const MAC_ADDRESS = /^(?:[\da-fA-F]{2}([:-])(?:[\da-fA-F]{2}\1){4}[\da-fA-F]{2}|(?:[\da-fA-F]{4}\.){2}[\da-fA-F]{4})$/;
/** The launcher's own in-pod bridge has it (KubeVirt's masquerade binding). */
const RESERVED_MAC = '02:00:00:00:00:00';
const MODELS = ['virtio', 'e1000', 'e1000e', 'igb', 'ne2k_pci', 'pcnet', 'rtl8139'];
/** How an interface is connected; a right one has one of them. */
export const BINDINGS = ['bridge', 'masquerade', 'sriov', 'passtBinding', 'binding'] as const;
const GONE = ['slirp', 'passt', 'macvtap'] as const;
/** Gates that once switched a binding on; they have no effect any more (spec/admission.md §7.1). */
const GONE_GATES = { slirp: undefined, passt: 'Passt', macvtap: 'Macvtap' } as const;

const isMultusDefault = ({ multus }: Network): boolean => multus?.default === true;

export const networkRules = [
  instanceRule('net.pod-single', '$.networks', '§6.9', 'more than one pod network', ({ path, spec }) => {
    const pods = (spec.networks ?? []).flatMap(({ pod }, i) => (pod ? [i] : []));
    return pods
      .slice(1)
      .map((i) =>
        duplicate(
          `${path}.networks[${i}].pod`,
          `networks[${pods[0] ?? 0}] is the pod network already, and a pod has only one: keep one of them`,
        ),
      );
  }),
  instanceRule(
    'net.multus-default-single',
    '$.networks[].multus.default',
    '§6.9',
    'more than one default Multus network',
    ({ path, spec }) => {
      const defaults = (spec.networks ?? []).flatMap((network, i) => (isMultusDefault(network) ? [i] : []));
      return defaults
        .slice(1)
        .map((i) =>
          invalid(
            `${path}.networks[${i}].multus.default`,
            `networks[${defaults[0] ?? 0}] is the default already, and a pod has only one: remove default here`,
          ),
        );
    },
  ),
  instanceRule(
    'net.pod-and-multus-default',
    '$.networks[].multus.default',
    '§6.9',
    'a pod network beside a default Multus network',
    ({ path, spec }) => {
      const index = (spec.networks ?? []).findIndex(isMultusDefault);
      const pod = index < 0 ? undefined : spec.networks?.find((network) => network.pod);
      return pod === undefined
        ? []
        : [
            invalid(
              `${path}.networks[${index}].multus.default`,
              `this network takes the place of the pod network, and ${show(pod.name)} is one too: remove default here, or the pod network`,
            ),
          ];
    },
  ),
  networkRule('net.source', '', 'a network of no type, or of several', ({ name, pod, multus, resourceClaim }, path) => {
    const types = Object.entries({ pod, multus, resourceClaim }).flatMap(([type, value]) => (value ? [type] : []));
    if (types.length === 1) return [];
    if (types.length === 0)
      return [required(path, `network ${show(name)} has no type: write "pod: {}", or multus with a networkName`)];
    return because(`${path}.${multus ? 'multus' : 'resourceClaim'}`, [
      required(path, `network ${show(name)} is ${types.join(' and ')} at once: keep one`),
    ]);
  }),
  networkRule('net.multus-name', '.multus.networkName', 'a Multus network without a name', ({ multus }, path) =>
    multus && !multus.networkName
      ? [required(`${path}.multus.networkName`, 'is empty: write the name of the NetworkAttachmentDefinition')]
      : [],
  ),
  networkRule('net.name-unique', '.name', 'two networks of the same name', ({ name }, path, subject, index) => {
    const first = positionOf(subject, subject.spec.networks, name);
    return first === index
      ? []
      : [duplicate(`${path}.name`, `${show(name)} is also the name of networks[${first}]: give each network its own`)];
  }),
  networkRule('net.no-iface', '.name', 'a network that no interface is connected to', (network, path, subject) => {
    const { name } = network;
    const { interfaces } = subject.spec.domain.devices;
    if (hasNamed(subject, interfaces, name)) return [];
    // A name that another one has is refused by net.name-unique.
    if (findNamed(subject, subject.spec.networks, name) !== network) return [];
    // An interface without a network is the other half of one mistyped name; if.no-network tells of it.
    if (!allNamedIn(subject, interfaces, subject.spec.networks)) return [];
    return [
      required(
        `${path}.name`,
        `no interface is named ${show(name)}: add one to domain.devices.interfaces, or remove the network`,
      ),
    ];
  }),
];

const goneRule = (name: (typeof GONE)[number]): Rule<InstanceSubject> =>
  covering(
    interfaceFieldRule(
      `if.${name}-gone`,
      name,
      '',
      `the binding \`${name}\`, which no longer exists`,
      (_value, _one, path, { config }) => {
        const gate = GONE_GATES[name];
        const listed = gate !== undefined && config.featureGates.includes(gate);
        return [
          invalid(
            path,
            `the binding ${name} no longer exists${listed ? ` and the feature gate ${gate} does nothing any more` : ''}: write "masquerade: {}" or "passtBinding: {}"`,
          ),
        ];
      },
    ),
    name === 'slirp' ? 'net.slirp-gone' : `net.${name}-gone; §7.1 gate.discontinued`,
  );

export const interfaceRules = [
  ...GONE.map(goneRule),
  interfaceRule('if.one-binding', '', 'an interface with no binding, or with several', (one, path) => {
    const bindings = BINDINGS.filter((binding) => one[binding]);
    // A discontinued binding is reported by itself.
    if (bindings.length === 1 || (bindings.length === 0 && GONE.some((name) => one[name]))) return [];
    return [
      invalid(
        path,
        bindings.length === 0
          ? `interface ${show(one.name)} has no binding: write "masquerade: {}" for the pod network`
          : `interface ${show(one.name)} has ${bindings.join(' and ')}: keep one`,
      ),
    ];
  }),
  interfaceRule(
    'if.pod-binding',
    '.name',
    '`masquerade` or `passtBinding` on a network other than the pod network',
    (one, path, { path: base, spec }, network) => {
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
  ),
  interfaceRule(
    'if.masq-mac',
    '.macAddress',
    'the MAC address that the pod itself uses, with `masquerade`',
    (one, path) =>
      one.masquerade && one.macAddress === RESERVED_MAC
        ? [
            invalid(
              `${path}.macAddress`,
              `${show(RESERVED_MAC)} belongs to the pod's own bridge: write another, or none`,
            ),
          ]
        : [],
  ),
  interfaceRule(
    'if.bridge-pod',
    '.bridge',
    '`bridge` on the pod network, where the cluster does not permit it',
    (one, path, { config }, network) =>
      one.bridge && network?.pod && !config.network.permitBridge
        ? [invalid(`${path}.bridge`, 'this cluster does not permit bridge on the pod network: write "masquerade: {}"')]
        : [],
  ),
  interfaceRule(
    'if.passt-gate',
    '.passtBinding',
    '`passtBinding` while its feature gate is off',
    (one, path, { config }) =>
      one.passtBinding && !config.hasFeatureGate('PasstBinding')
        ? [
            invalid(
              `${path}.passtBinding`,
              'needs the feature gate PasstBinding, which is off: write "masquerade: {}", or enable the gate in the KubeVirt object',
            ),
          ]
        : [],
  ),
  interfaceRule(
    'if.name-unique',
    '.name',
    'two interfaces of the same name',
    ({ name }, path, subject, _network, index) => {
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
  ),
  interfaceRule(
    'if.no-network',
    '.name',
    'an interface whose name is not that of a network',
    (one, path, subject, network) => {
      const { name } = one;
      const { networks = [], domain } = subject.spec;
      // A name that no interface may have, or that another one has, is refused by if.name-format and if.name-unique.
      if (network || !INTERFACE_NAME.test(name)) return [];
      if (findNamed(subject, domain.devices.interfaces, name) !== one) return [];
      const names = networks.map((other) => other.name);
      return [invalid(`${path}.name`, `no network is named ${show(name)}${remedyAmong(name, names, 'networks')}`)];
    },
  ),
  interfaceRule(
    'if.name-format',
    '.name',
    'an interface name with characters other than letters, digits, `-` and `_`',
    ({ name }, path) =>
      INTERFACE_NAME.test(name)
        ? []
        : [
            invalid(
              `${path}.name`,
              `${show(name)} cannot be the name of an interface: write letters, digits, - and _ only`,
            ),
          ],
  ),
  interfaceRule('if.model', '.model', 'a network card that VMs cannot have', ({ model }, path) =>
    !model || MODELS.includes(model)
      ? []
      : [notSupported(`${path}.model`, `${show(model)} is not a network card of VMs: ${oneOf(model, MODELS)}`)],
  ),
  interfaceRule('if.mac', '.macAddress', 'a malformed MAC address', ({ macAddress }, path) =>
    !macAddress || MAC_ADDRESS.test(macAddress)
      ? []
      : [
          invalid(
            `${path}.macAddress`,
            `${show(macAddress)} is not a MAC address: write six bytes, such as "02:00:5e:10:00:01"`,
          ),
        ],
  ),
  interfaceRule('if.pci', '.pciAddress', 'a malformed PCI address', ({ pciAddress }, path) =>
    !pciAddress || PCI_ADDRESS.test(pciAddress)
      ? []
      : [invalid(`${path}.pciAddress`, `${show(pciAddress)} is not a PCI address: write one such as "0000:81:01.0"`)],
  ),
];
