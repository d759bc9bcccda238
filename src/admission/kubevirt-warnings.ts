import { FEATURE_GATES, hasFeatureGate } from '../api/feature-gates.js';
import type { KubeVirt } from '../api/schema/kinds.js';
import { suggest } from '../api/suggest.js';
import { KUBEVIRT_GATE_LISTS } from '../validators/kubevirt.js';

/*
 * What a KubeVirt object may say and what is yet worth a word: names of feature gates come from other versions' manuals, and
 * a misspelt one would do nothing without a word.
 */

const NOTHING = { featureGates: [], disabledFeatureGates: [] };

/** Why a gate in a list does nothing; undefined: it does something. */
const without = (gate: string, list: 'on' | 'off'): string | undefined => {
  const state = FEATURE_GATES.get(gate);
  if (state === undefined) {
    const near = suggest(gate, FEATURE_GATES.keys());
    return `is no feature gate of this version${near === undefined ? '' : ` (did you mean "${near}"?)`}`;
  }
  // One of them is off unless a setting or this list says otherwise.
  if (state === 'GA' && hasFeatureGate(NOTHING, gate))
    return list === 'on' ? 'is always on' : 'is always on and cannot be switched off';
  if (state === 'Deprecated') return 'is deprecated';
  if (state === 'Discontinued') return 'no longer exists';
  return undefined;
};

const gateWarnings = (gates: readonly string[] = [], list: 'on' | 'off'): string[] =>
  gates.flatMap((gate, i) => {
    const reason = without(gate, list);
    const shown = gate.length > 60 ? `${gate.slice(0, 59)}…` : gate;
    return reason === undefined
      ? []
      : [`${KUBEVIRT_GATE_LISTS[list]}[${i}]: ${shown} ${reason}: it has no effect, remove it.`];
  });

const networkWarnings = ({ spec }: KubeVirt): string[] => {
  const { defaultNetworkInterface, permitBridgeInterfaceOnPodNetwork } = spec.configuration?.network ?? {};
  if (permitBridgeInterfaceOnPodNetwork !== false || defaultNetworkInterface === 'masquerade') return [];
  return [
    'spec.configuration.network: bridge is the default interface and is not permitted, so VMs that name no interface are refused: ' +
      'write defaultNetworkInterface: masquerade.',
  ];
};

export const kubevirtWarnings = (kubevirt: KubeVirt): string[] => {
  const { developerConfiguration, architectureConfiguration } = kubevirt.spec.configuration ?? {};
  return [
    ...gateWarnings(developerConfiguration?.featureGates, 'on'),
    ...gateWarnings(developerConfiguration?.disabledFeatureGates, 'off'),
    ...networkWarnings(kubevirt),
    ...(architectureConfiguration?.ppc64le === undefined
      ? []
      : [
          'spec.configuration.architectureConfiguration.ppc64le has no effect, as VMs of ppc64le are refused: remove it.',
        ]),
  ];
};
