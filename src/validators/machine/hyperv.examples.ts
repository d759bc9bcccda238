import type { ExampleTable } from '../rule/examples.js';

const HV = 'spec.domain.features.hyperv';

export const hypervExamples: ExampleTable = {
  'hv.dep': {
    why: 'The default `mut.hyperv-deps` switches on what an enlightenment needs, but not what the user switched off.',
    accepts: [
      { [HV]: { evmcs: {}, vapic: { enabled: true } } },
      { [HV]: { synictimer: {} } },
      { [HV]: { evmcs: {}, vapic: { enabled: true } } },
      { [HV]: { evmcs: { enabled: false }, vapic: { enabled: false } } },
    ],
    refuses: [
      [{ [HV]: { evmcs: {}, vapic: { enabled: false } } }, `${HV}.evmcs`],
      [{ [HV]: { synictimer: {}, synic: { enabled: false } } }, `${HV}.synictimer`],
      [{ [HV]: { synictimer: {}, vpindex: { enabled: false } } }, `${HV}.synic`],
      // ipi gets no vpindex because of vapic: that is not a second mistake.
      [{ [HV]: { evmcs: {}, ipi: {}, vapic: { enabled: false } } }, `${HV}.evmcs`],
    ],
  },
  'hv.passthrough': {
    why: '`hypervPassthrough` takes whatever the node has; a list beside it would be ignored.',
    accepts: [{ 'spec.domain.features.hypervPassthrough.enabled': true }, { [`${HV}.relaxed`]: {} }],
    refuses: [
      [{ 'spec.domain.features.hypervPassthrough.enabled': true, [`${HV}.relaxed`]: {} }, HV],
      [{ 'spec.domain.features': { hypervPassthrough: {}, hyperv: {} } }, HV],
    ],
  },
};
