import type { Network } from '../../api/schema/networks.js';
import { because, invalid, notFound, NOTHING, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule, instanceRules } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { gateIsOff, show } from '../rule/wording.js';
import { networkRule, networkOf } from './network-rules.js';

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

type ClaimCheck = (claim: Claim, path: string, subject: InstanceSubject) => readonly Finding[];

/** Rules on the claim of each network that may have one. */
const claimRule = instanceRules<ClaimCheck>({
  field: '$.networks[].resourceClaim',
  source: '§6.9',
  run: (subject, check) =>
    hasClaims(subject) && subject.config.hasFeatureGate(GATE) && !isMixed(subject)
      ? inEach(subject.spec.networks, `${subject.path}.networks`, ({ resourceClaim }, path) =>
          resourceClaim ? check(resourceClaim, `${path}.resourceClaim`, subject) : NOTHING,
        )
      : NOTHING,
});

export const draNetworkRules = [
  networkRule({
    id: 'net.dra-gate',
    field: '.resourceClaim',
    summary: 'a network of a resource claim while its feature gate is off',
    check: ({ resourceClaim }, path, { config }) =>
      resourceClaim && !config.hasFeatureGate(GATE)
        ? [invalid(`${path}.resourceClaim`, gateIsOff(GATE, 'write "pod: {}" instead'))]
        : [],
  }),
  instanceRule({
    id: 'net.dra-multus',
    field: '$.networks[].resourceClaim',
    source: '§6.9',
    summary: 'networks of resource claims beside Multus networks',
    check: (subject) => {
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
  }),
  instanceRule({
    id: 'net.dra-binding',
    field: '$.domain.devices.interfaces[]',
    source: '§6.9',
    summary: 'a binding other than `sriov` or a plugin, on a network of a resource claim',
    check: (subject) => {
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
  }),
  claimRule({
    id: 'net.dra-claim',
    field: '.claimName',
    summary: 'a network of a resource claim without its name',
    check: ({ claimName }, path) =>
      claimName ? [] : [required(`${path}.claimName`, 'is empty: write the name of an entry of resourceClaims')],
  }),
  claimRule({
    id: 'net.dra-request',
    field: '.requestName',
    summary: 'a network of a resource claim without a request',
    check: ({ requestName }, path) =>
      requestName
        ? []
        : [required(`${path}.requestName`, 'is empty: write the name of one of the requests of the claim')],
  }),
  claimRule({
    id: 'net.dra-unknown',
    field: '.claimName',
    summary: 'a network of a resource claim that the VM does not have',
    check: ({ claimName }, path, { spec }) =>
      !claimName || spec.resourceClaims?.some(({ name }) => name === claimName)
        ? []
        : [
            notFound(
              `${path}.claimName`,
              `no resource claim is named ${show(claimName)}: add one to resourceClaims, or write the name of one that is there`,
            ),
          ],
  }),
];
