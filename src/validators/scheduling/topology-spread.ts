import type { TopologySpreadConstraint } from '../../api/schema/core.js';
import { joinedKeyFindings, selectorFindings } from '../rule/label-selector.js';
import { topologyKeyFindings } from './pod-affinity.js';
import { inEach, instanceRule, invalid, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';

const SOURCE = '§6.5';
const OF_KUBERNETES = "none: Kubernetes' own rule for pods";

const constraintRule = (
  id: string,
  field: string,
  summary: string,
  check: (constraint: TopologySpreadConstraint, path: string) => readonly Finding[],
  source = SOURCE,
): Rule<InstanceSubject> =>
  instanceRule(id, `$.topologySpreadConstraints[]${field}`, source, summary, ({ path, spec }) =>
    inEach(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, check),
  );

/** What to do when a pod fits nowhere (tsc.unsatisfiable), and two constraints of one pair (tsc.duplicate), are the schema's. */
export const topologySpreadRules = [
  constraintRule('tsc.max-skew', '.maxSkew', 'a skew below 1', ({ maxSkew }, path) =>
    maxSkew >= 1
      ? []
      : [
          invalid(
            `${path}.maxSkew`,
            `${maxSkew} is no skew: write how many VMs more than elsewhere one group of nodes may have, 1 or more`,
          ),
        ],
  ),
  constraintRule(
    'tsc.topology-key',
    '.topologyKey',
    'a topology key that is empty or that no label can have',
    ({ topologyKey }, path) => topologyKeyFindings(topologyKey, `${path}.topologyKey`),
  ),
  constraintRule('tsc.selector', '.labelSelector', 'a selector that cannot be understood', ({ labelSelector }, path) =>
    selectorFindings(labelSelector, `${path}.labelSelector`),
  ),
  constraintRule(
    'tsc.min-domains',
    '.minDomains',
    'a minimum of groups below 1, or where the constraint is only a wish',
    ({ minDomains, whenUnsatisfiable }, path) => {
      if (minDomains === undefined) return [];
      const field = `${path}.minDomains`;
      if (minDomains < 1) return [invalid(field, `${minDomains} is no number of groups: write 1 or more`)];
      return whenUnsatisfiable === 'ScheduleAnyway'
        ? [
            invalid(
              field,
              `${minDomains} has no effect with ScheduleAnyway: remove it, or write whenUnsatisfiable: DoNotSchedule`,
            ),
          ]
        : [];
    },
    OF_KUBERNETES,
  ),
  constraintRule(
    'tsc.label-keys',
    '.matchLabelKeys',
    'keys of labels that join no selector, that cannot be keys, or that the selector compares already',
    ({ matchLabelKeys, labelSelector }, path) =>
      joinedKeyFindings(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    OF_KUBERNETES,
  ),
];
