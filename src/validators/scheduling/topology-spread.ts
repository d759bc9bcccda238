import { joinedKeyFindings, selectorFindings } from '../rule/label-selector.js';
import { topologyKeyFindings } from './pod-affinity.js';
import { invalid } from '../rule/finding.js';
import { rulesOn } from '../rule/rule.js';

const OF_KUBERNETES = "none: Kubernetes' own rule for pods";

const constraintRule = rulesOn({
  list: 'topologySpreadConstraints',
  of: ({ topologySpreadConstraints }) => topologySpreadConstraints,
  source: '§6.5',
});

/**
 * What to do when a pod fits nowhere (tsc.unsatisfiable), and two constraints of one pair (tsc.duplicate), are the
 * schema's.
 */
export const topologySpreadRules = [
  constraintRule({
    id: 'tsc.max-skew',
    field: '.maxSkew',
    summary: 'a skew below 1',
    check: ({ maxSkew }, path) =>
      maxSkew >= 1
        ? []
        : [
            invalid(
              `${path}.maxSkew`,
              `${maxSkew} is no skew: write how many VMs more than elsewhere one group of nodes may have, 1 or more`,
            ),
          ],
  }),
  constraintRule({
    id: 'tsc.topology-key',
    field: '.topologyKey',
    summary: 'a topology key that is empty or that no label can have',
    check: ({ topologyKey }, path) => topologyKeyFindings(topologyKey, `${path}.topologyKey`),
  }),
  constraintRule({
    id: 'tsc.selector',
    field: '.labelSelector',
    summary: 'a selector that cannot be understood',
    check: ({ labelSelector }, path) => selectorFindings(labelSelector, `${path}.labelSelector`),
  }),
  constraintRule({
    id: 'tsc.min-domains',
    field: '.minDomains',
    source: OF_KUBERNETES,
    summary: 'a minimum of groups below 1, or where the constraint is only a wish',
    check: ({ minDomains, whenUnsatisfiable }, path) => {
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
  }),
  constraintRule({
    id: 'tsc.label-keys',
    field: '.matchLabelKeys',
    source: OF_KUBERNETES,
    summary: 'keys of labels that join no selector, that cannot be keys, or that the selector compares already',
    check: ({ matchLabelKeys, labelSelector }, path) =>
      joinedKeyFindings(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
  }),
];
