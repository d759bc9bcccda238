import { HYPERV_DEPENDENCIES } from '../../api/vmi/hyperv.js';
import { asksForNothing } from '../../api/settings/asks.js';
import { invalid } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';

const FIELD = '$.domain.features.hyperv';

export const hypervRules = [
  instanceRule({
    id: 'hv.dep',
    field: `${FIELD}.{evmcs,ipi,tlbflush,synictimer,synic}`,
    // Defaults add vmx with every evmcs, unless an enlightenment that is switched off stops them: then this is the
    // mistake.
    source: '§7.6 (hv.dep, hv.evmcs-features, hv.evmcs-policy)',
    summary: 'a Hyper-V enlightenment whose requirement is switched off',
    check: ({ path, spec }) => {
      const hyperv = spec.domain.features?.hyperv;
      if (!hyperv) return [];
      // What is absent was only not added, because of another one that is off.
      return HYPERV_DEPENDENCIES.filter(
        ([dependent, requirement]) => hyperv[dependent]?.enabled && hyperv[requirement]?.enabled === false,
      ).map(([dependent, requirement]) =>
        invalid(
          `${path}.domain.features.hyperv.${dependent}`,
          `${dependent} needs ${requirement}, which is switched off: remove enabled: false from ${requirement}, or switch ${dependent} off too`,
        ),
      );
    },
  }),
  instanceRule({
    id: 'hv.passthrough',
    field: FIELD,
    source: '§7.6',
    summary: 'Hyper-V enlightenments beside `hypervPassthrough`',
    check: ({ path, spec }) =>
      spec.domain.features?.hyperv && !asksForNothing(spec.domain.features.hypervPassthrough)
        ? [
            invalid(
              `${path}.domain.features.hyperv`,
              'hypervPassthrough already switches on all that the host has: remove hyperv or hypervPassthrough',
            ),
          ]
        : [],
  }),
];
