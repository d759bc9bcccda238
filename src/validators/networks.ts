import type { Interface, Network } from '../api/schema/networks.js';
import {
  duplicate,
  instanceRule,
  invalid,
  notSupported,
  required,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from './rule.js';

const INTERFACE_NAME = /^[A-Za-z0-9-_]+$/;
const PCI_ADDRESS = /^[\da-fA-F]{4}:[\da-fA-F]{2}:[\da-fA-F]{2}\.[0-7]$/;
const MAC_ADDRESS = /^(?:[\da-fA-F]{2}([:-])(?:[\da-fA-F]{2}\1){4}[\da-fA-F]{2}|(?:[\da-fA-F]{4}\.){2}[\da-fA-F]{4})$/;
/** The launcher's own in-pod bridge has it (KubeVirt's masquerade binding). */
const RESERVED_MAC = '02:00:00:00:00:00';
const MODELS = ['virtio', 'e1000', 'e1000e', 'igb', 'ne2k_pci', 'pcnet', 'rtl8139'];
const BINDINGS = ['bridge', 'masquerade', 'sriov', 'passtBinding', 'binding'] as const;
const GONE = ['slirp', 'passt', 'macvtap'] as const;
const PROTOCOLS = ['TCP', 'UDP'];
const MAX_PORT = 65_535;

const networkRule = (
  id: string,
  field: string,
  summary: string,
  check: (network: Network, path: string, subject: InstanceSubject, index: number) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.networks[]${field}`, '§6.9', summary, (subject) =>
    (subject.spec.networks ?? []).flatMap((network, i) => check(network, `${subject.path}.networks[${i}]`, subject, i)),
  );

const interfaceRule = (
  id: string,
  field: string,
  summary: string,
  check: (
    one: Interface,
    path: string,
    subject: InstanceSubject,
    network: Network | undefined,
    index: number,
  ) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.domain.devices.interfaces[]${field}`, '§6.9', summary, (subject) =>
    (subject.spec.domain.devices.interfaces ?? []).flatMap((one, i) => {
      const network = subject.spec.networks?.find(({ name }) => name === one.name);
      return check(one, `${subject.path}.domain.devices.interfaces[${i}]`, subject, network, i);
    }),
  );

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
  networkRule('net.source', '', 'a network of no kind, or of several', ({ name, pod, multus, resourceClaim }, path) => {
    const count = [pod, multus, resourceClaim].filter(Boolean).length;
    return count === 1
      ? []
      : [required(path, `network ${show(name)} has ${count} kinds: write one, such as "pod: {}"`)];
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

const portFindings = (one: Interface, path: string): Finding[] =>
  (one.ports ?? []).flatMap(({ name, port, protocol }, i, ports) => {
    const at = `${path}.ports[${i}]`;
    const findings: Finding[] = [];
    if (name && ports.findIndex((other) => other.name === name) !== i) {
      findings.push(duplicate(`${at}.name`, `${show(name)} names another port too: give each its own name`));
    }
    if (port < 1 || port > MAX_PORT) findings.push(invalid(`${at}.port`, `${port} is no port: write 1 to ${MAX_PORT}`));
    if (protocol && !PROTOCOLS.includes(protocol)) {
      findings.push(invalid(`${at}.protocol`, `${show(protocol)} is not supported: write TCP or UDP`));
    }
    return findings;
  });

export const interfaceRules = [
  ...GONE.map((name) =>
    interfaceRule(`if.${name}-gone`, `.${name}`, `the binding ${name}, which is discontinued`, (one, path) =>
      one[name]
        ? [
            invalid(
              `${path}.${name}`,
              `the binding ${name} no longer exists: write "masquerade: {}" or "passtBinding: {}"`,
            ),
          ]
        : [],
    ),
  ),
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
    (one, path, _subject, network) => {
      const binding = one.masquerade ? 'masquerade' : one.passtBinding ? 'passtBinding' : undefined;
      return binding && network && !network.pod
        ? [
            invalid(
              `${path}.name`,
              `${binding} works on the pod network only, and ${show(one.name)} is another: use bridge, or "pod: {}" in the network`,
            ),
          ]
        : [];
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
  interfaceRule(
    'if.ports',
    '.ports[]',
    'ports that do not exist (name, number or protocol)',
    (one, path, _subject, network) => (network?.pod ? portFindings(one, path) : []),
  ),
];
