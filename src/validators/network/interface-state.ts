import type { Interface } from '../../api/schema/networks.js';
import { BINDINGS } from './interfaces.js';
import { interfaceMember, networkOf } from './network-rules.js';
import { positionOf } from '../rule/lookup.js';
import { because, invalid } from '../rule/finding.js';
import type { RuleEntry } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

const STATES = ['absent', 'up', 'down'];

interface StateProblem {
  readonly message: string;
  /** The field that the state does not go with. */
  readonly because?: string;
}

const stateRule = ({
  check,
  ...rule
}: RuleEntry<(state: string, one: Interface, subject: InstanceSubject, at: string) => StateProblem | undefined>) =>
  interfaceMember('state')({
    ...rule,
    check: (state, path, subject, one) => {
      const problem = check(state, one, subject, path.slice(0, -'.state'.length));
      if (problem === undefined) return [];
      const findings = [invalid(path, problem.message)];
      return problem.because === undefined ? findings : because(problem.because, findings);
    },
  });

/** An interface without any binding is reported by if.one-binding. */
const otherThanBridge = (one: Interface): string | undefined =>
  one.bridge ? undefined : BINDINGS.find((binding) => one[binding]);

/** The network that gives the pod its own address: the pod network, or multus' default one. */
const isDefaultNetwork = (subject: InstanceSubject, one: Interface): boolean => {
  const network = networkOf(subject, one);
  return Boolean(network?.pod ?? network?.multus?.default);
};

/** Where the network of an interface stands, down to what is multus' of it. */
const networkPath = (subject: InstanceSubject, { name }: Interface): string =>
  `${subject.path}.networks[${positionOf(subject, subject.spec.networks, name)}].multus`;

export const interfaceStateRules = [
  stateRule({
    id: 'if.state-value',
    summary: 'a link state that does not exist',
    check: (state) =>
      state === '' || STATES.includes(state)
        ? undefined
        : { message: `${show(state)} is no state of an interface: write one of ${STATES.join(', ')}, or nothing` },
  }),
  stateRule({
    id: 'if.state-sriov',
    summary: 'a link state of an SR-IOV interface',
    check: (state, { sriov }, _subject, at) =>
      sriov && (state === 'up' || state === 'down')
        ? {
            because: `${at}.sriov`,
            message: `an SR-IOV interface is a device of its own, whose link cannot be set ${state}: remove state`,
          }
        : undefined,
  }),
  stateRule({
    id: 'if.state-absent-bridge',
    summary: 'an absent interface with a binding other than `bridge`',
    check: (state, one, _subject, at) => {
      const binding = otherThanBridge(one);
      return state === 'absent' && binding !== undefined
        ? {
            because: `${at}.${binding}`,
            message: `an interface with ${binding} cannot be unplugged: write "down", or bridge instead of ${binding}`,
          }
        : undefined;
    },
  }),
  stateRule({
    id: 'if.state-absent-default',
    summary: 'an absent interface on the default network',
    check: (state, one, subject) =>
      state === 'absent' && one.bridge && isDefaultNetwork(subject, one)
        ? {
            because: networkPath(subject, one),
            message: `${show(one.name)} is the network that the pod lives on and cannot be unplugged: write "down", or remove state`,
          }
        : undefined,
  }),
];
