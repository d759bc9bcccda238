import type { Network } from '../../api/schema/networks.js';
import { allNamedIn, findNamed, hasNamed, positionOf } from '../rule/lookup.js';
import { guestNetworkProblem } from '../../api/vmi/guest-network.js';
import { networkRule } from './network-rules.js';
import { because, duplicate, invalid, required, type Finding } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';
import { isDnsLabel, isDnsSubdomain } from '../rule/names.js';
import { show } from '../rule/wording.js';

const isMultusDefault = ({ multus }: Network): boolean => multus?.default === true;

const isAttachmentName = (text: string): boolean => {
  const [name = '', ...namespace] = text.split('/').reverse();
  return isDnsSubdomain(name) && namespace.length <= 1 && namespace.every(isDnsLabel);
};

const cidrFinding = (cidr: string | undefined, family: 4 | 6, path: string): Finding[] => {
  const problem = cidr ? guestNetworkProblem(cidr, family) : undefined;
  return problem === undefined ? [] : [invalid(path, `${show(cidr)} ${problem}`)];
};

export const networkRules = [
  instanceRule({
    id: 'net.pod-single',
    field: '$.networks',
    source: '§6.9',
    summary: 'more than one pod network',
    check: ({ path, spec }) => {
      const pods = (spec.networks ?? []).flatMap(({ pod }, i) => (pod ? [i] : []));
      return pods
        .slice(1)
        .map((i) =>
          duplicate(
            `${path}.networks[${i}].pod`,
            `networks[${pods[0] ?? 0}] is the pod network already, and a pod has only one: keep one of them`,
          ),
        );
    },
  }),
  instanceRule({
    id: 'net.multus-default-single',
    field: '$.networks[].multus.default',
    source: '§6.9',
    summary: 'more than one default Multus network',
    check: ({ path, spec }) => {
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
  }),
  instanceRule({
    id: 'net.pod-and-multus-default',
    field: '$.networks[].multus.default',
    source: '§6.9',
    summary: 'a pod network beside a default Multus network',
    check: ({ path, spec }) => {
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
  }),
  networkRule({
    id: 'net.source',
    summary: 'a network of no type, or of several',
    check: ({ name, pod, multus, resourceClaim }, path) => {
      const types = Object.entries({ pod, multus, resourceClaim }).flatMap(([type, value]) => (value ? [type] : []));
      if (types.length === 1) return [];
      if (types.length === 0)
        return [required(path, `network ${show(name)} has no type: write "pod: {}", or multus with a networkName`)];
      return because(`${path}.${multus ? 'multus' : 'resourceClaim'}`, [
        required(path, `network ${show(name)} is ${types.join(' and ')} at once: keep one`),
      ]);
    },
  }),
  networkRule({
    id: 'net.multus-name',
    field: '.multus.networkName',
    summary: 'a Multus network without a name',
    check: ({ multus }, path) =>
      multus && !multus.networkName
        ? [required(`${path}.multus.networkName`, 'is empty: write the name of the NetworkAttachmentDefinition')]
        : [],
  }),
  networkRule({
    id: 'net.multus-name-format',
    field: '.multus.networkName',
    source: 'none: Multus would find no such network, and the pod would wait for ever',
    summary: 'a Multus network whose name is neither a name nor a namespace and a name',
    check: ({ multus }, path) => {
      const name = multus?.networkName ?? '';
      return name === '' || isAttachmentName(name)
        ? []
        : [
            invalid(
              `${path}.multus.networkName`,
              `${show(name)} is no name of a NetworkAttachmentDefinition: write one such as "vlan100", or "shop/vlan100" for one of another namespace`,
            ),
          ];
    },
  }),
  networkRule({
    id: 'net.vm-cidr',
    field: '.pod.vmNetworkCIDR',
    summary: 'a network for the guest that is no IPv4 network, or has no room for the guest and its gateway',
    check: ({ pod }, path) => cidrFinding(pod?.vmNetworkCIDR, 4, `${path}.pod.vmNetworkCIDR`),
  }),
  networkRule({
    id: 'net.vm-cidr6',
    field: '.pod.vmIPv6NetworkCIDR',
    summary: 'a network for the guest that is no IPv6 network, or has no room for the guest and its gateway',
    check: ({ pod }, path) => cidrFinding(pod?.vmIPv6NetworkCIDR, 6, `${path}.pod.vmIPv6NetworkCIDR`),
  }),
  networkRule({
    id: 'net.name-unique',
    field: '.name',
    summary: 'two networks of the same name',
    check: ({ name }, path, subject, index) => {
      const first = positionOf(subject, subject.spec.networks, name);
      return first === index
        ? []
        : [
            duplicate(
              `${path}.name`,
              `${show(name)} is also the name of networks[${first}]: give each network its own`,
            ),
          ];
    },
  }),
  networkRule({
    id: 'net.no-iface',
    field: '.name',
    summary: 'a network that no interface is connected to',
    check: (network, path, subject) => {
      const { name } = network;
      const { interfaces } = subject.spec.domain.devices;
      if (hasNamed(subject, interfaces, name)) return [];
      // A name that another one has is refused by net.name-unique.
      if (findNamed(subject, subject.spec.networks, name) !== network) return [];
      // An interface without a network is the other half of one mistyped name; if.no-network reports it.
      if (!allNamedIn(subject, interfaces, subject.spec.networks)) return [];
      return [
        required(
          `${path}.name`,
          `no interface is named ${show(name)}: add one to domain.devices.interfaces, or remove the network`,
        ),
      ];
    },
  }),
];
