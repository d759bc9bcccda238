import type { Interface } from '../../api/schema/networks.js';
import { BINDINGS } from './networks.js';
import { interfaceFieldRule, networkOf } from './network-rule.js';
import { invalid, show, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';

const STATES = ['absent', 'up', 'down'];

const stateRule = (
  id: string,
  summary: string,
  check: (state: string, one: Interface, subject: InstanceSubject) => string | undefined,
): Rule<InstanceSubject> =>
  interfaceFieldRule(id, 'state', '', summary, (state, one, path, subject): Finding[] => {
    const problem = check(state, one, subject);
    return problem === undefined ? [] : [invalid(path, problem)];
  });

/** An interface without any binding is reported by if.one-binding. */
const otherThanBridge = (one: Interface): string | undefined =>
  one.bridge ? undefined : BINDINGS.find((binding) => one[binding]);

/** The network that gives the pod its own address: the pod network, or multus' default one. */
const isDefaultNetwork = (subject: InstanceSubject, one: Interface): boolean => {
  const network = networkOf(subject, one);
  return Boolean(network?.pod ?? network?.multus?.default);
};

export const interfaceStateRules = [
  stateRule('if.state-value', 'a link state that does not exist', (state) =>
    state === '' || STATES.includes(state)
      ? undefined
      : `${show(state)} is no state of an interface: write one of ${STATES.join(', ')}, or nothing`,
  ),
  stateRule('if.state-sriov', 'a link state of an SR-IOV interface', (state, { sriov }) =>
    sriov && (state === 'up' || state === 'down')
      ? `an SR-IOV interface is a device of its own, whose link cannot be set ${state}: remove state`
      : undefined,
  ),
  stateRule('if.state-absent-bridge', 'an absent interface with a binding other than `bridge`', (state, one) => {
    const binding = otherThanBridge(one);
    return state === 'absent' && binding !== undefined
      ? `an interface with ${binding} cannot be unplugged: write "down", or bridge instead of ${binding}`
      : undefined;
  }),
  stateRule('if.state-absent-default', 'an absent interface on the default network', (state, one, subject) =>
    state === 'absent' && one.bridge && isDefaultNetwork(subject, one)
      ? `${show(one.name)} is the network that the pod lives on and cannot be unplugged: write "down", or remove state`
      : undefined,
  ),
];
