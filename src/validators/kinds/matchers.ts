import {
  CLUSTER_KINDS,
  INSTANCETYPE_KINDS,
  INSTANCETYPE_RESOURCES,
  kindOfMatcher,
  type InstancetypeRole,
} from '../../api/instancetype/instancetype-kinds.js';
import type { InstancetypeMatcher } from '../../api/schema/virtualmachine.js';
import { invalid, notFound, notSupported, type Finding } from '../rule/finding.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { InstancetypeFindings, MachineSubject } from '../rule/subject.js';
import { oneOf, show } from '../rule/wording.js';

/*
 * `spec.instancetype` and `spec.preference`: what a VM names, and whether that suits it. Source: KubeVirt,
 * pkg/instancetype.
 */

const SOURCE = 'KubeVirt, pkg/instancetype';
const ROLES = ['instancetype', 'preference'] as const;
const POLICIES = ['Reject', 'Ignore'];

type MatcherCheck = (
  matcher: InstancetypeMatcher,
  role: InstancetypeRole,
  subject: MachineSubject,
) => readonly Finding[];

/** One that says something: `{}` is none. */
const isWritten = (matcher: InstancetypeMatcher | undefined): matcher is InstancetypeMatcher =>
  matcher !== undefined && Object.values(matcher).some(Boolean);

const matcherRule = ruleFamily<MachineSubject, MatcherCheck>({
  kinds: ['VirtualMachine'],
  field: 'spec.instancetype, spec.preference',
  source: SOURCE,
  run: (subject, check) =>
    ROLES.flatMap((role) => {
      const matcher = subject.vm.spec[role];
      return isWritten(matcher) ? check(matcher, role, subject) : [];
    }),
});

const expandedRule = (part: keyof InstancetypeFindings, id: string, field: string, summary: string) =>
  ruleFamily<MachineSubject, (found: InstancetypeFindings) => readonly Finding[]>({
    kinds: ['VirtualMachine'],
    source: SOURCE,
    run: ({ instancetypes }, check) => (instancetypes === undefined ? [] : check(instancetypes)),
  })({ id, field, summary, check: (found) => found[part] });

const kindsOf = (role: InstancetypeRole): string[] =>
  INSTANCETYPE_KINDS.filter((kind) => INSTANCETYPE_RESOURCES[kind].role === role);

export const matcherRules: readonly Rule<MachineSubject>[] = [
  matcherRule({
    id: 'vm.matcher-name',
    summary: 'an instance type or a preference without a name',
    check: ({ name, inferFromVolume }, role) =>
      name || inferFromVolume
        ? []
        : [notFound(`spec.${role}`, 'names nothing: write its name, or inferFromVolume and the name of a volume')],
  }),
  matcherRule({
    id: 'vm.matcher-kind',
    summary: 'a kind of instance type or preference that does not exist',
    check: ({ kind }, role) =>
      kindOfMatcher(role, kind) === undefined
        ? [
            invalid(
              `spec.${role}.kind`,
              `${show(kind)} is no kind of ${role === 'preference' ? 'preferences' : 'instance types'}: ${oneOf(kind ?? '', kindsOf(role))}; without a kind it is ${CLUSTER_KINDS[role]}`,
            ),
          ]
        : [],
  }),
  matcherRule({
    id: 'vm.matcher-infer',
    summary: '`inferFromVolume` beside a name or a kind',
    check: ({ name, kind, inferFromVolume }, role) =>
      inferFromVolume
        ? (['name', 'kind'] as const)
            .filter((member) => ({ name, kind })[member])
            .map((member) =>
              notSupported(
                `spec.${role}.${member}`,
                `is set beside inferFromVolume, by which the volume says it: remove one of both`,
              ),
            )
        : [],
  }),
  matcherRule({
    id: 'vm.matcher-infer-policy',
    summary: 'a failure policy of `inferFromVolume` that does not exist',
    check: ({ inferFromVolumeFailurePolicy: policy }, role) =>
      policy === undefined || policy === '' || POLICIES.includes(policy)
        ? []
        : [
            invalid(
              `spec.${role}.inferFromVolumeFailurePolicy`,
              `${show(policy)} is no failure policy: ${oneOf(policy, POLICIES)}`,
            ),
          ],
  }),
  matcherRule({
    id: 'vm.matcher-revision',
    operations: ['UPDATE'],
    summary: 'another name beside the revision of the former one',
    check: ({ name, revisionName }, role, { old }) => {
      const before = old?.spec?.[role];
      if (!revisionName || before?.revisionName !== revisionName || before.name === name) return [];
      return [
        invalid(
          `spec.${role}.revisionName`,
          `is a revision of ${show(before.name)}, and the name is now ${show(name)}: remove revisionName`,
        ),
      ];
    },
  }),
  expandedRule(
    'unusable',
    'vm.instancetype-unusable',
    'spec.instancetype, spec.preference',
    'an instance type or a preference that cannot be read, and a revision that is not of this VM',
  ),
  expandedRule(
    'conflicts',
    'vm.instancetype-conflict',
    'spec.template',
    'what the template has and its instance type gives',
  ),
  expandedRule(
    'spread',
    'vm.instancetype-spread',
    'spec.instancetype',
    'a number of vCPUs that cannot be spread as the preference wishes',
  ),
  expandedRule(
    'requirements',
    'vm.preference-requirements',
    'spec.instancetype, spec.template.spec',
    'fewer vCPUs, less memory, or another architecture than the preference requires',
  ),
];
