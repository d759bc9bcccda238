import { HYPERV_DEPENDENCIES } from '../api/vmi/hyperv.js';
import type { FeatureHyperv } from '../api/schema/features.js';
import type { DomainSpec } from '../api/schema/virtualmachineinstance.js';
import type { MutationStep } from './mutation.js';

/** Enables what is needed; false where the user switched a needed one off (a validator says so). */
const addRequirements = (hyperv: FeatureHyperv): boolean => {
  for (const [dependent, requirement] of HYPERV_DEPENDENCIES) {
    if (!hyperv[dependent]?.enabled) continue;
    const present = hyperv[requirement];
    if (present === undefined) hyperv[requirement] = { enabled: true };
    else if (!present.enabled) return false;
  }
  return true;
};

const requireVmx = (domain: DomainSpec): void => {
  const cpu = (domain.cpu ??= {});
  const vmx = cpu.features?.find(({ name }) => name === 'vmx');
  if (vmx) vmx.policy = 'require';
  else cpu.features = [...(cpu.features ?? []), { name: 'vmx', policy: 'require' }];
};

export const hypervDependencies: MutationStep = {
  id: 'mut.hyperv-deps',
  summary: 'Hyper-V enlightenments bring those they need; evmcs also brings the CPU feature vmx.',
  apply: ({ spec }) => {
    const hyperv = spec.domain.features?.hyperv;
    if (hyperv && addRequirements(hyperv) && hyperv.evmcs?.enabled) requireVmx(spec.domain);
  },
};
