import { labelFindings, labelKeyFindings, labelValueFindings } from '../rule/label-selector.js';
import { isDnsSubdomain, SUBDOMAIN_REMEDY } from '../rule/names.js';
import { invalid } from '../rule/finding.js';
import { instanceRule, rulesOn } from '../rule/rule.js';
import { show } from '../rule/wording.js';

/*
 * What the launcher's pod takes over as it is. The reference leaves it to Kubernetes, which refuses the pod when the VM
 * starts; here it is said at admission.
 */

const OF_KUBERNETES = "none: Kubernetes' own rule for pods";
/**
 * 68 years. kubelet multiplies the seconds by 10^9 in a signed 64-bit integer: from 9223372037 on they overflow, and a
 * pod that was to wait for ever is killed at once.
 */
const MAX_GRACE_PERIOD = 2 ** 31 - 1;
/** As long as any name in Kubernetes. */
const MAX_SCHEDULER_NAME = 253;
const SCHEDULER_NAME = /^[^\s\p{Cc}]+$/u;

const tolerationRule = rulesOn({
  list: 'tolerations',
  of: ({ tolerations }) => tolerations,
  source: OF_KUBERNETES,
});

/* Operators and effects that do not exist are the schema's to refuse. */
const tolerationRules = [
  tolerationRule({
    id: 'toleration.key',
    field: '.key',
    summary: 'a key that no taint can have',
    check: ({ key }, path) => (key ? labelKeyFindings(key, `${path}.key`, 'a taint') : []),
  }),
  tolerationRule({
    id: 'toleration.no-key',
    field: '.operator',
    summary: 'a toleration without a key, with an operator other than `Exists`',
    check: ({ key, operator }, path) =>
      key || operator === 'Exists'
        ? []
        : [
            invalid(
              `${path}.operator`,
              `is ${operator ?? 'Equal'}, and there is no key to compare: write a key, or operator: Exists to tolerate every taint`,
            ),
          ],
  }),
  tolerationRule({
    id: 'toleration.value',
    field: '.value',
    summary: 'a value that no taint can have, or one beside the operator `Exists`',
    check: ({ operator, value = '' }, path) => {
      if (operator !== 'Exists') return labelValueFindings(value, `${path}.value`, 'a taint');
      return value === ''
        ? []
        : [
            invalid(
              `${path}.value`,
              `operator Exists tolerates every value and ignores ${show(value)}: remove value, or write operator: Equal`,
            ),
          ];
    },
  }),
  tolerationRule({
    id: 'toleration.seconds',
    field: '.effect',
    summary: '`tolerationSeconds` with an effect other than `NoExecute`',
    check: ({ effect, tolerationSeconds }, path) =>
      tolerationSeconds === undefined || effect === 'NoExecute'
        ? []
        : [
            invalid(
              `${path}.effect`,
              `is ${effect ?? 'absent'}, and only NoExecute ends after tolerationSeconds: write effect: NoExecute, or remove tolerationSeconds`,
            ),
          ],
  }),
];

export const schedulingRules = [
  ...tolerationRules,
  instanceRule({
    id: 'sched.node-selector',
    field: '$.nodeSelector',
    source: OF_KUBERNETES,
    summary: 'a key or value that no label of a node can have',
    check: ({ path, spec }) => labelFindings(spec.nodeSelector, `${path}.nodeSelector`),
  }),
  instanceRule({
    id: 'sched.priority-class',
    field: '$.priorityClassName',
    source: OF_KUBERNETES,
    summary: 'a priority class whose name is not a valid DNS name',
    check: ({ path, spec: { priorityClassName: name } }) =>
      !name || isDnsSubdomain(name)
        ? []
        : [invalid(`${path}.priorityClassName`, `${show(name)} cannot be a PriorityClass: ${SUBDOMAIN_REMEDY}`)],
  }),
  instanceRule({
    id: 'sched.cluster-nodes',
    field: '$.nodeSelector',
    source: "none: the cluster's node selectors are where VMs may run",
    summary:
      "a node label with another value than `developerConfiguration.nodeSelectors` of the KubeVirt object wants of every VM's node",
    check: ({ path, spec: { nodeSelector = {} }, config }) =>
      Object.entries(config.nodeSelectors)
        .filter(([key, value]) => Object.hasOwn(nodeSelector, key) && nodeSelector[key] !== value)
        .map(([key, value]) =>
          invalid(
            `${path}.nodeSelector[${key}]`,
            `is ${show(nodeSelector[key])}, and in this cluster VMs run on nodes with ${show(value)} only (nodeSelectors of the KubeVirt object): write that, or remove the key`,
          ),
        ),
  }),
  instanceRule({
    id: 'sched.scheduler-name',
    field: '$.schedulerName',
    source: 'none: the pod would wait for ever',
    summary: `a scheduler name with blanks, or of more than ${MAX_SCHEDULER_NAME} characters`,
    check: ({ path, spec: { schedulerName: name } }) =>
      !name || (name.length <= MAX_SCHEDULER_NAME && SCHEDULER_NAME.test(name))
        ? []
        : [
            invalid(
              `${path}.schedulerName`,
              `${show(name)} cannot be a scheduler: write at most ${MAX_SCHEDULER_NAME} characters without blanks, or remove it for the default one`,
            ),
          ],
  }),
  instanceRule({
    id: 'sched.grace-period',
    field: '$.terminationGracePeriodSeconds',
    source: 'none: the pod would be refused, or killed at once',
    summary: `a grace period that is negative or above ${MAX_GRACE_PERIOD} s`,
    check: ({ path, spec: { terminationGracePeriodSeconds: seconds = 0 } }) => {
      if (seconds >= 0 && seconds <= MAX_GRACE_PERIOD) return [];
      const problem = seconds < 0 ? 'is negative' : 'is more than kubelet can count';
      return [
        invalid(
          `${path}.terminationGracePeriodSeconds`,
          `${seconds} ${problem}: write 0 (power off at once) to ${MAX_GRACE_PERIOD} seconds`,
        ),
      ];
    },
  }),
];
