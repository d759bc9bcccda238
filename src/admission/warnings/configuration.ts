import { FEATURE_GATES, type GateState } from '../../api/settings/feature-gates.js';
import type { KubeVirt } from '../../api/schema/kinds.js';
import { KUBEVIRT_SPEC_IGNORED } from '../../api/settings/acted-on.js';
import { suggest } from '../../api/schema-check/suggest.js';
import { KUBEVIRT_GATE_LISTS } from '../../validators/kinds/kubevirt.js';
import { matchesWarning, WARNING_SWITCHES, warningPatterns } from '../../api/settings/warning-switch.js';
import { findIgnored } from '../../validators/not-acted-on.js';
import { kubevirtWarning, type Remark, type Warning } from './warning.js';

/** Its state says GA, but a setting or its being listed decides (src/api/settings/feature-gates.ts). */
const NOT_ALWAYS_ON = 'PersistentReservation';

interface ListedGate {
  readonly name: string;
  readonly field: string;
  readonly disabled: boolean;
  /** Undefined for a gate that is not known. */
  readonly state: GateState | undefined;
}

/** Several times as many as there are; who lists more reads no warning about the last of them. */
const MAX_GATES = 1000;

const listedGates = ({ spec }: KubeVirt): ListedGate[] => {
  const developer = spec.configuration?.developerConfiguration ?? {};
  const lists = { on: developer.featureGates, off: developer.disabledFeatureGates };
  return (['on', 'off'] as const).flatMap((list) =>
    (lists[list] ?? []).slice(0, MAX_GATES).map((name, index) => ({
      name,
      field: `${KUBEVIRT_GATE_LISTS[list]}[${index}]`,
      disabled: list === 'off',
      state: FEATURE_GATES.get(name),
    })),
  );
};

const aboutGates =
  (say: (gate: ListedGate) => string | undefined) =>
  (kubevirt: KubeVirt): Remark[] =>
    listedGates(kubevirt).flatMap((gate) => {
      const message = say(gate);
      return message === undefined ? [] : [{ field: gate.field, message }];
    });

const gateWarnings: readonly Warning[] = [
  kubevirtWarning(
    'W-GATE-1',
    'apply',
    'docs/reference/admission.md §14.6',
    'a feature gate that is deprecated or gone is listed',
    aboutGates(({ name, state }) => {
      if (state === 'Discontinued') return `feature gate ${name} is gone with its feature; remove it`;
      return state === 'Deprecated' ? `feature gate ${name} is deprecated; remove it` : undefined;
    }),
  ),
  kubevirtWarning(
    'W-GATE-2',
    'apply',
    'docs/reference/admission.md §15',
    'a feature gate is listed whose feature is always on',
    aboutGates(({ name, state, disabled }) => {
      if (state !== 'GA' || name === NOT_ALWAYS_ON) return undefined;
      return disabled
        ? `feature gate ${name} cannot be switched off; remove it`
        : `feature gate ${name} is always on; remove it`;
    }),
  ),
  kubevirtWarning(
    'W-GATE-3',
    'apply',
    'none: the reference accepts it',
    'a feature gate is listed that is not known',
    aboutGates(({ name, state }) => {
      if (state !== undefined) return undefined;
      const near = suggest(name, FEATURE_GATES.keys());
      const remedy = near === undefined ? 'remove it' : `did you mean ${near}?`;
      return `no such feature gate: ${JSON.stringify(name.slice(0, 60))}; ${remedy}`;
    }),
  ),
];

const networkWarning = kubevirtWarning(
  'W-NET-1',
  'apply',
  'docs/reference/admission.md §4.2 (mut.default-network)',
  'bridge is the default interface and not permitted',
  ({ spec }) => {
    const { defaultNetworkInterface, permitBridgeInterfaceOnPodNetwork } = spec.configuration?.network ?? {};
    if (permitBridgeInterfaceOnPodNetwork !== false || defaultNetworkInterface === 'masquerade') return [];
    return [
      {
        field: 'spec.configuration.network',
        message:
          'bridge is the default interface and is not permitted, so VMs that name no interface are refused; write defaultNetworkInterface: masquerade',
      },
    ];
  },
);

/** @param known The ids of all warnings, this one included. */
const switchWarning = (known: () => readonly string[]): Warning =>
  kubevirtWarning(
    'W-SET-1',
    'apply',
    'none: ours',
    `annotation \`${WARNING_SWITCHES.join('` or `')}\` of the KubeVirt object names a warning that does not exist`,
    ({ metadata }) =>
      WARNING_SWITCHES.flatMap((annotation) =>
        warningPatterns(metadata, annotation)
          .filter((pattern) => !known().some((id) => matchesWarning(id, pattern)))
          .map((pattern) => {
            const near = suggest(pattern, known());
            return {
              field: `metadata.annotations[${annotation}]`,
              message: `no such warning: ${JSON.stringify(pattern.slice(0, 60))}${near === undefined ? '' : `; did you mean ${near}?`}`,
            };
          }),
      ),
  );

/** More would push everything else off: the API server passes on 4 KiB. */
const MAX_IGNORED = 40;

const ignoredWarning = kubevirtWarning(
  'W-SET-2',
  'apply',
  'none: the reference acts on it',
  'the KubeVirt object has a setting that has no effect here, as those of releases and distributions do',
  (kubevirt) =>
    findIgnored(kubevirt, KUBEVIRT_SPEC_IGNORED)
      .slice(0, MAX_IGNORED)
      .map(({ field, reason }) => ({ field, message: `has no effect here (${reason}); it may stay` })),
);

export const configurationWarnings = (known: () => readonly string[]): readonly Warning[] => [
  ...gateWarnings,
  networkWarning,
  switchWarning(known),
  ignoredWarning,
];
