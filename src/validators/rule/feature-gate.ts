/** What a rule says about a field whose feature gate is off. */
export const gateIsOff = (gate: string, instead = 'remove it'): string =>
  `needs the feature gate ${gate}, which is off: ${instead}, or enable the gate in the KubeVirt object`;
