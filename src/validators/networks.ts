import type { Network } from '../api/schema/networks.js';
import { interfaceFieldRule, interfaceRule, networkRule } from './network-rule.js';
import {
  because,
  covering,
  duplicate,
  instanceRule,
  invalid,
  notSupported,
  required,
  show,
  type InstanceSubject,
  type Rule,
} from './rule.js';

const INTERFACE_NAME = /^[A-Za-z0-9-_]+$/;
const PCI_ADDRESS = /^[\da-fA-F]{4}:[\da-fA-F]{2}:[\da-fA-F]{2}\.[0-7]$/;
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
          `networks[${pods[0] ?? 0}] is the pod network already: a pod has one, keep one of them`,
        ),
      );
  }),
  instanceRule(
    'net.multus-default-single',
    '$.networks[].multus.default',
    '§6.9',
    'more than one default multus network',
    ({ path, spec }) => {
      const defaults = (spec.networks ?? []).flatMap((network, i) => (isMultusDefault(network) ? [i] : []));
      return defaults
        .slice(1)
        .map((i) =>
          invalid(
            `${path}.networks[${i}].multus.default`,
            `networks[${defaults[0] ?? 0}] is the default already: a pod has one, remove default here`,
          ),
        );
    },
  ),
  instanceRule(
    'net.pod-and-multus-default',
    '$.networks[].multus.default',
    '§6.9',
    'a pod network beside a default multus network',
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
  networkRule('net.source', '', 'a network of no kind, or of several', ({ name, pod, multus, resourceClaim }, path) => {
    const count = [pod, multus, resourceClaim].filter(Boolean).length;
    if (count === 1) return [];
    const findings = [required(path, `network ${show(name)} has ${count} kinds: write one, such as "pod: {}"`)];
    return count === 0 ? findings : because(`${path}.${multus ? 'multus' : 'resourceClaim'}`, findings);
  }),
  networkRule('net.multus-name', '.multus.networkName', 'a multus network without a name', ({ multus }, path) =>
    multus && !multus.networkName
      ? [required(`${path}.multus.networkName`, 'write the name of the NetworkAttachmentDefinition')]
      : [],
  ),
  networkRule('net.name-unique', '.name', 'two networks of one name', ({ name }, path, { spec }, index) => {
    const first = (spec.networks ?? []).findIndex((other) => other.name === name);
    return first === index
      ? []
      : [duplicate(`${path}.name`, `${show(name)} is also the name of networks[${first}]: give each its own`)];
  }),
  networkRule('net.no-iface', '.name', 'a network that no interface is connected to', ({ name }, path, { spec }) =>
    spec.domain.devices.interfaces?.some((one) => one.name === name)
      ? []
      : [
          required(
            `${path}.name`,
            `no interface is named ${show(name)}: add one to domain.devices.interfaces, or remove the network`,
          ),
        ],
  ),
];

const goneRule = (name: (typeof GONE)[number]): Rule<InstanceSubject> =>
  covering(
    interfaceFieldRule(
      `if.${name}-gone`,
      name,
      '',
      `the binding ${name}, which is discontinued`,
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
    'masquerade or passtBinding on another network than the pod’s',
    (one, path, { path: base, spec }, network) => {
      const binding = one.masquerade ? 'masquerade' : one.passtBinding ? 'passtBinding' : undefined;
      // A network of no kind is reported by net.source, one of a resource claim by net.dra-binding.
      if (!binding || !network?.multus || network.pod) return [];
      return because(`${base}.networks[${spec.networks?.indexOf(network) ?? 0}].multus`, [
        invalid(
          `${path}.name`,
          `${binding} works on the pod network only, and ${show(one.name)} is another: use bridge, or "pod: {}" in the network`,
        ),
      ]);
    },
  ),
  interfaceRule('if.masq-mac', '.macAddress', 'the MAC address that the launcher itself uses', (one, path) =>
    one.masquerade && one.macAddress === RESERVED_MAC
      ? [invalid(`${path}.macAddress`, `${show(RESERVED_MAC)} belongs to the pod's own bridge: choose another`)]
      : [],
  ),
  interfaceRule(
    'if.bridge-pod',
    '.bridge',
    'bridge on the pod network where the cluster does not permit it',
    (one, path, { config }, network) =>
      one.bridge && network?.pod && !config.network.permitBridge
        ? [invalid(`${path}.bridge`, 'this cluster does not permit bridge on the pod network: write "masquerade: {}"')]
        : [],
  ),
  interfaceRule('if.passt-gate', '.passtBinding', 'passtBinding without its feature gate', (one, path, { config }) =>
    one.passtBinding && !config.hasFeatureGate('PasstBinding')
      ? [
          invalid(
            `${path}.passtBinding`,
            'needs the feature gate PasstBinding, which is off: write "masquerade: {}" or enable the gate',
          ),
        ]
      : [],
  ),
  interfaceRule(
    'if.name-unique',
    '.name',
    'two interfaces of one name',
    ({ name }, path, { spec }, _network, index) => {
      const first = (spec.domain.devices.interfaces ?? []).findIndex((other) => other.name === name);
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
    'an interface that no network has the name of',
    ({ name }, path, _subject, network) =>
      network
        ? []
        : [
            invalid(
              `${path}.name`,
              `no network is named ${show(name)}: add one to networks, or write the name of one that is there`,
            ),
          ],
  ),
  interfaceRule(
    'if.name-format',
    '.name',
    'an interface name with other characters than A-Za-z0-9-_',
    ({ name }, path) =>
      INTERFACE_NAME.test(name)
        ? []
        : [
            invalid(
              `${path}.name`,
              `${show(name)} has characters that no interface name may have: write letters, digits, - and _`,
            ),
          ],
  ),
  interfaceRule('if.model', '.model', 'a network card that does not exist', ({ model }, path) =>
    !model || MODELS.includes(model)
      ? []
      : [notSupported(`${path}.model`, `${show(model)} is no network card: write one of ${MODELS.join(', ')}`)],
  ),
  interfaceRule('if.mac', '.macAddress', 'a malformed MAC address', ({ macAddress }, path) =>
    !macAddress || MAC_ADDRESS.test(macAddress)
      ? []
      : [
          invalid(
            `${path}.macAddress`,
            `${show(macAddress)} is no MAC address: write six bytes, such as "02:00:5e:10:00:01"`,
          ),
        ],
  ),
  interfaceRule('if.pci', '.pciAddress', 'a malformed PCI address', ({ pciAddress }, path) =>
    !pciAddress || PCI_ADDRESS.test(pciAddress)
      ? []
      : [invalid(`${path}.pciAddress`, `${show(pciAddress)} is no PCI address: write one such as "0000:81:01.0"`)],
  ),
];
