import { isDeepStrictEqual } from 'node:util';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import { differencesAt, type Difference } from '../../api/schema-check/semantic-difference.js';
import { matchesWarning } from '../../api/settings/warning-switch.js';
import { findCondition } from '../../api/vmi/condition.js';
import { asItWillRun } from '../expansion.js';
import { isOurProgram } from '../our-programs.js';
import type { AdmissionContext, AdmissionRequest } from '../types.js';
import type { AdmissionWarning } from './warning.js';

/** Of an update alone, so it is in no table of what a manifest by itself is warned of. */
export const RESTART_WARNING = 'W-RUN-1';

const TEMPLATE = 'spec.template.spec';
/** Statuses of a guest that goes on as it was started; one that has not run yet is made again at once. */
const RUNS = ['Running', 'Paused'];
/** More are counted, not compared. */
const MOST = 20;

/**
 * A change of the template of a VM whose guest runs takes effect at its next start: said when it is written, as the
 * condition RestartRequired says it afterwards. Which value the guest has is not known here, so a field that the
 * condition names already may have been put back: nothing is said of it.
 */
export const restartWarnings = (
  { kind, operation, object, oldObject, user, namespace }: AdmissionRequest,
  { config, installNamespace, instancetypes }: Pick<AdmissionContext, 'config' | 'installNamespace' | 'instancetypes'>,
): AdmissionWarning[] => {
  if (kind !== 'VirtualMachine' || operation !== 'UPDATE' || isOurProgram(user?.username, installNamespace)) return [];
  const [now, before] = [object as VirtualMachine, oldObject as VirtualMachine | null | undefined];
  const { status, spec } = before ?? {};
  if (!RUNS.includes(status?.printableStatus ?? '') || config.disabledWarnings.some(isThis)) return [];
  const of = (vm: VirtualMachine) => asItWillRun(vm, namespace, { config, instancetypes }).spec.template.spec;
  const [wanted, stored] = [of(now), before == null || spec === undefined ? undefined : of(before)];
  if (isDeepStrictEqual(wanted, stored)) return [];
  const told = findCondition(status?.conditions, 'RestartRequired')?.message ?? '';
  const fields = differencesAt('VirtualMachineInstance', 'spec', wanted, stored, MOST, TEMPLATE)
    .filter((difference) => !isLive(difference, config))
    .map(({ path }) => path)
    .filter((path) => !told.includes(path));
  const [field, ...others] = fields;
  if (field === undefined) return [];
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const message = `takes effect when the guest is started again${more}: kubectl virt restart`;
  return [{ id: RESTART_WARNING, field, message }];
};

/** A cable is plugged and pulled while the guest runs. */
const isLive = ({ path, now, before }: Difference, { vmRolloutStrategy }: AdmissionContext['config']): boolean =>
  vmRolloutStrategy !== 'Stage' && /\.interfaces\[\d+\]\.state$/.test(path) && ![now, before].includes('absent');

const isThis = (switched: string): boolean => matchesWarning(RESTART_WARNING, switched);
