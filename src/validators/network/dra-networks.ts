import type { Network } from '../../api/schema/networks.js';
import { gateIsOff } from '../rule/feature-gate.js';
import { networkRule, networkOf } from './network-rule.js';
import {
  because,
  instanceRule,
  invalid,
  notFound,
  required,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';

/*
 * Networks that are devices of a resource claim (DRA). Two that use one request of a claim are reported by
 * dra.request-unique, with GPUs and host devices.
 */

const GATE = 'NetworkDevicesWithDRA';
type Claim = NonNullable<Network['resourceClaim']>;

const hasClaims = ({ spec }: InstanceSubject): boolean =>
  Boolean(spec.networks?.some(({ resourceClaim }) => resourceClaim));

/** Networks of both kinds exclude each other; which to keep has to be decided before anything else matters. */
const isMixed = ({ spec }: InstanceSubject): boolean => Boolean(spec.networks?.some(({ multus }) => multus));

/** A rule on the claim of each network that may have one. */
const claimRule = (
  id: string,
  field: string,
  summary: string,
  check: (claim: Claim, path: string, subject: InstanceSubject) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `$.networks[].resourceClaim${field}`, '§6.9', summary, (subject) => {
    if (!hasClaims(subject) || !subject.config.hasFeatureGate(GATE) || isMixed(subject)) return [];
    return (subject.spec.networks ?? []).flatMap(({ resourceClaim }, i) =>
      resourceClaim ? check(resourceClaim, `${subject.path}.networks[${i}].resourceClaim`, subject) : [],
    );
  });

export const draNetworkRules = [
  networkRule(
    'net.dra-gate',
    '.resourceClaim',
    'a network of a resource claim while its feature gate is off',
    ({ resourceClaim }, path, { config }) =>
      resourceClaim && !config.hasFeatureGate(GATE)
        ? [invalid(`${path}.resourceClaim`, gateIsOff(GATE, 'write "pod: {}" instead'))]
        : [],
  ),
  instanceRule(
    'net.dra-multus',
    '$.networks[].resourceClaim',
    '§6.9',
    'networks of resource claims beside Multus networks',
    (subject) => {
      const { path, spec, config } = subject;
      const index = (spec.networks ?? []).findIndex(({ resourceClaim }) => resourceClaim);
      return index >= 0 && config.hasFeatureGate(GATE) && isMixed(subject)
        ? [
            invalid(
              `${path}.networks[${index}].resourceClaim`,
              'a VM has networks of resource claims or of multus, not of both: keep those of one kind',
            ),
          ]
        : [];
    },
  ),
  instanceRule(
    'net.dra-binding',
    '$.domain.devices.interfaces[]',
    '§6.9',
    'a binding other than `sriov` or a plugin, on a network of a resource claim',
    (subject) => {
      const { path, spec } = subject;
      if (!hasClaims(subject)) return [];
      return (spec.domain.devices.interfaces ?? []).flatMap((one, i) => {
        const network = networkOf(subject, one);
        // An interface without any binding is reported by if.one-binding.
        const binding = (['bridge', 'masquerade', 'passtBinding'] as const).find((name) => one[name]);
        if (!network?.resourceClaim || one.sriov || one.binding || binding === undefined) return [];
        return because(`${path}.networks[${spec.networks?.indexOf(network) ?? 0}].resourceClaim`, [
          invalid(
            `${path}.domain.devices.interfaces[${i}].${binding}`,
            `${show(one.name)} is the device of a resource claim: write "sriov: {}" or a binding plugin instead of ${binding}`,
          ),
        ]);
      });
    },
  ),
  claimRule('net.dra-claim', '.claimName', 'a network of a resource claim without its name', ({ claimName }, path) =>
    claimName ? [] : [required(`${path}.claimName`, 'is empty: write the name of an entry of resourceClaims')],
  ),
  claimRule(
    'net.dra-request',
    '.requestName',
    'a network of a resource claim without a request',
    ({ requestName }, path) =>
      requestName
        ? []
        : [required(`${path}.requestName`, 'is empty: write the name of one of the requests of the claim')],
  ),
  claimRule(
    'net.dra-unknown',
    '.claimName',
    'a network of a resource claim that the VM does not have',
    ({ claimName }, path, { spec }) =>
      !claimName || spec.resourceClaims?.some(({ name }) => name === claimName)
        ? []
        : [
            notFound(
              `${path}.claimName`,
              `no resource claim is named ${show(claimName)}: add one to resourceClaims, or write the name of one that is there`,
            ),
          ],
  ),
];
