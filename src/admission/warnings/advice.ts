import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { matchesWarning } from '../../api/settings/warning-switch.js';
import { cloudInitWarnings } from './cloud-init.js';
import { cpuWarnings } from './cpu.js';
import { memoryWarnings, qosWarnings } from './memory.js';
import type { AdmissionWarning, InstanceSubject } from './warning.js';

/**
 * The warnings about VMs that are not told at apply: a test compares the list with all of them. Their own files only,
 * so that who tells them later (the controller) need not load what checks objects.
 */
const ADVICE = [...cloudInitWarnings, ...cpuWarnings, ...memoryWarnings, ...qosWarnings].filter(
  ({ told, kinds }) => told === 'lint' && kinds.includes('VirtualMachine'),
);

/** What applying a VM did not tell of its template: for an event when it starts. Of what a rule has let pass. */
export const adviceOf = (instance: InstanceSubject, config: ClusterConfig): readonly AdmissionWarning[] => {
  const toldBefore = [...config.disabledWarnings, ...config.warningsAtApply];
  return ADVICE.filter(({ id }) => !toldBefore.some((each) => matchesWarning(id, each))).flatMap(({ id, check }) =>
    check({ apiVersion: '', metadata: instance.metadata, instance, config }).map((remark) => ({ id, ...remark })),
  );
};
